-- Whether people have said what the state of the event is, by a change: an export says what
-- its archive did else. Of changes that were made before nobody knows whether the state was
-- among them; whose export says too little of a draft is served better than whose event is
-- published elsewhere.
ALTER TABLE events ADD COLUMN state_set boolean NOT NULL DEFAULT false;
UPDATE events SET state_set = true WHERE revision > 1;
-- The view was made before the column: whoever exports an event reads it.
CREATE OR REPLACE VIEW api_events AS SELECT * FROM events;
