-- The views were made before the column: whoever exports an event reads it.
CREATE OR REPLACE VIEW api_microlocations AS SELECT * FROM microlocations;
CREATE OR REPLACE VIEW api_tracks AS SELECT * FROM tracks;
CREATE OR REPLACE VIEW api_session_types AS SELECT * FROM session_types;
CREATE OR REPLACE VIEW api_sessions AS SELECT * FROM sessions;
