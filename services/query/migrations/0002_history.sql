-- What the attempts of each import were asked for and came to: one row for each
-- message of the stream IMPORTS, which forgets them after 30 days. It holds what
-- its readers are shown and nothing else of a message, and stays when the import
-- is discarded. json and not jsonb: see 0001.
CREATE TABLE history (
    import_id  uuid NOT NULL,
    message_id text NOT NULL,
    attempt    integer NOT NULL,
    -- When the broker stored the message.
    stored_at  timestamptz NOT NULL,
    what       text NOT NULL CHECK (what IN ('requested', 'completed', 'failed', 'ended')),
    -- The stage that has ended, or with which an attempt begins.
    stage      text NOT NULL,
    -- Of a request: by whom.
    by_iss     text NOT NULL,
    by_sub     text NOT NULL,
    by_email   text NOT NULL,
    -- Of the end of an attempt.
    state      text NOT NULL,
    -- Of an outcome.
    started_at timestamptz,
    code       text NOT NULL,
    reason     text NOT NULL,
    tries      integer NOT NULL,
    issues     json,
    counts     json,
    PRIMARY KEY (import_id, message_id)
);
