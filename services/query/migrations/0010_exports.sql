-- The archive that an export has come to. Its blob is removed when it has expired, the
-- row stays: it tells that there was one.
CREATE TABLE exports (
    import_id  uuid PRIMARY KEY,
    attempt    integer NOT NULL,
    blob       text NOT NULL,
    file_name  text NOT NULL,
    size       bigint NOT NULL,
    sha256     text NOT NULL,
    expires_at timestamptz NOT NULL
);
