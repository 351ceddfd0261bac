-- The views were made before the column: whoever exports an event reads it.
CREATE OR REPLACE VIEW api_sponsors AS SELECT * FROM sponsors;
CREATE OR REPLACE VIEW api_speakers AS SELECT * FROM speakers;
