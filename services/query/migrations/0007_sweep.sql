-- The newest attempt of an import whose outcomes were swept from the stream. No
-- message says it, so the projector does not write it.
ALTER TABLE imports ADD COLUMN swept_attempt integer NOT NULL DEFAULT 0;
CREATE INDEX imports_unswept ON imports (id) WHERE state = 'SUCCESS' AND swept_attempt < attempt;
