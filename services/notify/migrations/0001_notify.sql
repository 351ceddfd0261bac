CREATE TABLE notifications (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id  uuid NOT NULL,
    attempt    integer NOT NULL,
    owner_iss  text NOT NULL,
    owner_sub  text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('success', 'failure')),
    title      text NOT NULL,
    message    text NOT NULL,
    url        text,
    created_at timestamptz NOT NULL DEFAULT now(),
    read_at    timestamptz,
    UNIQUE (import_id, attempt)
);
CREATE INDEX notifications_owner ON notifications (owner_iss, owner_sub, id DESC);

-- The outbox of mails. Kept ones have no server to go to and are for reading here.
CREATE TABLE mails (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id  uuid NOT NULL,
    attempt    integer NOT NULL,
    message_id text NOT NULL UNIQUE,
    recipient  text NOT NULL,
    subject    text NOT NULL,
    text       text NOT NULL,
    html       text NOT NULL,
    state      text NOT NULL CHECK (state IN ('kept', 'pending', 'sent', 'failed')),
    tries      integer NOT NULL DEFAULT 0,
    -- Whoever takes a mail moves this behind the end of the try: it is the lease.
    next_try   timestamptz NOT NULL DEFAULT now(),
    last_error text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at    timestamptz
);
CREATE INDEX mails_due ON mails (next_try) WHERE state = 'pending';
