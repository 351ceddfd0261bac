-- In which order lists have changed an account: what the first has put in the place of a
-- value, the second gives back once the first was taken back.
ALTER TABLE account_changes ADD COLUMN turn bigint GENERATED ALWAYS AS IDENTITY;
