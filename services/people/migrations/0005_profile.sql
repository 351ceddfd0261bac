ALTER TABLE users ADD COLUMN time_zone text;
ALTER TABLE users ADD COLUMN organization text;
ALTER TABLE users ADD COLUMN web text;

-- In the form "$argon2id$v=19$m=…", or as another program has made it, until the first
-- sign-in. Null is an account whose user has not chosen a password yet: nobody signs in
-- to it by one.
ALTER TABLE users ALTER COLUMN password_hash DROP NOT NULL;
