-- What the password of a row became that was left out for another reason: the table in
-- which such rows are mended has no passwords.
ALTER TABLE failed_rows ADD COLUMN password_hash text;
