-- What the archive says and no column is for, by key.
ALTER TABLE sponsors ADD COLUMN unknown jsonb;
ALTER TABLE speakers ADD COLUMN unknown jsonb;
