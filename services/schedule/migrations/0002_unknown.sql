-- What the archive says and no column is for, by key.
ALTER TABLE microlocations ADD COLUMN unknown jsonb;
ALTER TABLE tracks ADD COLUMN unknown jsonb;
ALTER TABLE session_types ADD COLUMN unknown jsonb;
ALTER TABLE sessions ADD COLUMN unknown jsonb;
