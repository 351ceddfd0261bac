-- What the archive says and no column is for, by key.
ALTER TABLE events ADD COLUMN unknown jsonb;
ALTER TABLE social_links ADD COLUMN unknown jsonb;
ALTER TABLE custom_forms ADD COLUMN unknown jsonb;
