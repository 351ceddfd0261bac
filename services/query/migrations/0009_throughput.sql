-- How much the stages have done in the last hour. Rows come in the order of this column,
-- so an index of ranges is enough.
CREATE INDEX history_stored ON history USING brin (stored_at);
