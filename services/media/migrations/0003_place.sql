-- Where in the archive the record names the file, for what is told of it. Rows that are
-- older have none.
ALTER TABLE files ADD COLUMN place jsonb;
