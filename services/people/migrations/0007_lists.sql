-- What a list's passwords became: stored in portions, so that a run that dies in the
-- middle of them goes on where it was. A row belongs to the very file that was uploaded,
-- and goes with it.
CREATE TABLE list_hashes (
    import_id     uuid NOT NULL,
    blob          text NOT NULL,
    n             integer NOT NULL,
    password_hash text NOT NULL,
    stored_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (import_id, blob, n)
);

-- What a list has changed of accounts that were there before: by column what it was and
-- what it has become, for whoever takes the import back.
CREATE TABLE account_changes (
    import_id uuid NOT NULL,
    account   bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    before    jsonb NOT NULL,
    after     jsonb NOT NULL,
    PRIMARY KEY (import_id, account)
);
CREATE INDEX account_changes_account ON account_changes (account);

-- What a check of a list shows: its columns, its first rows as they would become, and
-- what would change of accounts. No password is in it.
CREATE TABLE previews (
    import_id uuid PRIMARY KEY,
    document  jsonb NOT NULL
);

CREATE VIEW api_previews AS SELECT import_id, document FROM previews;

-- The rows that were left out of a list, as they stand in it but for the password, and
-- what is wrong with each.
CREATE TABLE failed_rows (
    import_id uuid NOT NULL,
    n         integer NOT NULL,
    line      integer NOT NULL,
    cells     text[] NOT NULL,
    issues    text NOT NULL,
    PRIMARY KEY (import_id, n)
);

-- The titles of a list that rows were left out of.
CREATE TABLE failed_titles (
    import_id uuid PRIMARY KEY,
    titles    text[] NOT NULL
);

CREATE VIEW api_failed_rows AS SELECT import_id, n, line, cells, issues FROM failed_rows;
CREATE VIEW api_failed_titles AS SELECT import_id, titles FROM failed_titles;
