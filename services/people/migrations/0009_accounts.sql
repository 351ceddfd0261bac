-- What the pages of the query service show of accounts. It has no way to a hash: only
-- whether a password was chosen.
CREATE VIEW api_accounts AS
    SELECT id, import_id, nick, email, nick_key, email_key, first_name, last_name, is_admin, created_at,
        password_hash IS NULL AS invited
    FROM users;
