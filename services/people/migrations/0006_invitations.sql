-- An account that a list makes without a password is invited to choose one. Each
-- invitation of an account has the next number, so that the links before it are dead;
-- null is for who was never invited.
ALTER TABLE users ADD COLUMN invitation integer CHECK (invitation > 0);
-- Those who were invited again are looked for every few seconds, and are few.
CREATE INDEX users_invited_again ON users (id) WHERE password_hash IS NULL AND invitation > 1;

-- Who waits for an invitation, or for having followed it. What the notify service may read.
CREATE VIEW api_invitations AS
    SELECT id, import_id, attempt, subject, nick, email, invitation AS number
    FROM users WHERE password_hash IS NULL AND invitation IS NOT NULL;
