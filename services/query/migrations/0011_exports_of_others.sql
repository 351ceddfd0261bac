-- Whether the event is another's than who has asked for its export.
ALTER TABLE exports ADD COLUMN as_administrator boolean NOT NULL DEFAULT false;
