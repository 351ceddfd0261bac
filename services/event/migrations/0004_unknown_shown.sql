-- The views were made before the column: whoever exports an event reads it.
CREATE OR REPLACE VIEW api_events AS SELECT * FROM events;
CREATE OR REPLACE VIEW api_social_links AS SELECT * FROM social_links;
CREATE OR REPLACE VIEW api_custom_forms AS SELECT * FROM custom_forms;
