-- What lets a browser open the stream of one import without a token: good for
-- once and for a minute. Only hashes are kept, so that who reads the table holds
-- no ticket.
CREATE TABLE tickets (
    hash       bytea PRIMARY KEY,
    import     uuid NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX tickets_import ON tickets (import, expires_at);
CREATE INDEX tickets_expired ON tickets (expires_at);
