-- What became of each import, folded from the streams. The documents are json
-- and not jsonb: they are read as they were written and never looked into, and
-- json stores any text, also one with \u0000, which would stop the projector.
CREATE TABLE imports (
    id            uuid PRIMARY KEY,
    kind          text NOT NULL,
    owner_iss     text NOT NULL,
    owner_sub     text NOT NULL,
    owner_email   text NOT NULL,
    state         text NOT NULL,
    stage         text NOT NULL,
    waiting_for   text NOT NULL,
    -- What the stage makes now, or why it tries again, and when it said so.
    making        text NOT NULL,
    note          text NOT NULL,
    told_at       timestamptz,
    attempt       integer NOT NULL,
    version       bigint NOT NULL,
    progress      json NOT NULL,
    issues_error   integer NOT NULL,
    issues_warning integer NOT NULL,
    issues_info    integer NOT NULL,
    file_name     text NOT NULL,
    size          bigint NOT NULL,
    sha256        text NOT NULL,
    event_id      bigint,
    result        json,
    error         json,
    failure       text NOT NULL,
    created_at    timestamptz NOT NULL,
    started_at    timestamptz,
    finished_at   timestamptz,
    updated_at    timestamptz NOT NULL
);
CREATE INDEX imports_newest ON imports (created_at DESC, id DESC);
CREATE INDEX imports_owner ON imports (owner_iss, owner_sub, created_at DESC, id DESC);
CREATE INDEX imports_event ON imports (event_id);

-- How far each stream is folded. created_at is the stream's own: another time
-- means another stream of the same name, whose messages are counted anew.
CREATE TABLE checkpoint (
    stream     text PRIMARY KEY,
    sequence   bigint NOT NULL,
    created_at timestamptz NOT NULL
);
