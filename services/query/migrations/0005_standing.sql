-- What is known of the stage that an import is at: when its turn came, since when
-- no process runs it, and until when it is paused.
ALTER TABLE imports
    ADD COLUMN waiting_since      timestamptz,
    ADD COLUMN stage_down_since   timestamptz,
    ADD COLUMN stage_paused_until timestamptz;
-- Of those that wait already the last change is the closest that is known.
UPDATE imports SET waiting_since = updated_at WHERE waiting_for <> '';
-- These few are looked at every few seconds.
CREATE INDEX imports_unfinished ON imports (kind, stage) WHERE state IN ('PENDING', 'STARTED');
