-- The rows that api_remap does not lead to: those without a source id, and those
-- whose source id a later record has, too.
CREATE VIEW api_by_origin AS
    SELECT import_id, 'events' AS type, origin, id FROM (
        SELECT import_id, source_id, origin, id,
            row_number() OVER (PARTITION BY import_id, source_id ORDER BY length(origin) DESC, origin DESC) AS nth
        FROM events) r
    WHERE source_id IS NULL OR nth > 1;
