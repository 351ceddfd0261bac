-- The state of a file of the web that could not be fetched: it stays there.
ALTER TABLE files DROP CONSTRAINT files_state_check;
ALTER TABLE files ADD CONSTRAINT files_state_check CHECK (state IN ('pending', 'stored', 'missing', 'remote'));
