-- What the stage runtime keeps in the schema of every stage.

-- The fence of an import: locked first in each of its transactions. A stage
-- writes only while its attempt is the newest one and the state is live.
CREATE TABLE import_fence (
    import_id  uuid PRIMARY KEY,
    attempt    integer NOT NULL,
    state      text NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'canceled', 'discarded')),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- What a stage came to: one row per import, stage and attempt, written in the
-- transaction that did the work. The message is published as it stands here.
CREATE TABLE stage_run (
    import_id    uuid NOT NULL,
    stage        text NOT NULL,
    attempt      integer NOT NULL,
    outcome      text NOT NULL CHECK (outcome IN ('completed', 'failed')),
    message_id   uuid NOT NULL,
    message      json NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (import_id, stage, attempt)
);

CREATE TABLE issues (
    import_id    uuid NOT NULL,
    stage        text NOT NULL,
    attempt      integer NOT NULL,
    n            integer NOT NULL,
    severity     text NOT NULL CHECK (severity IN ('error', 'warning', 'info')),
    code         text NOT NULL,
    file         text NOT NULL DEFAULT '',
    pointer      text NOT NULL DEFAULT '',
    line         integer NOT NULL DEFAULT 0,
    col          integer NOT NULL DEFAULT 0,
    source_id    text NOT NULL DEFAULT '',
    record_index integer,
    message      text NOT NULL,
    value        text NOT NULL DEFAULT '',
    hint         text NOT NULL DEFAULT '',
    PRIMARY KEY (import_id, stage, attempt, n)
);

CREATE VIEW api_issues AS
    SELECT import_id, stage, attempt, n, severity, code, file, pointer, line, col,
           source_id, record_index, message, value, hint
    FROM issues;
