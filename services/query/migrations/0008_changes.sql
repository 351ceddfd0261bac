-- The place of each import in the order of all changes: every commit of the projector
-- gives what it writes a new number. Numbers are given away in the order of the
-- commits (see projection), so that who has seen one has missed none below it.
CREATE SEQUENCE change_numbers;
ALTER TABLE imports ADD COLUMN changed bigint NOT NULL DEFAULT nextval('change_numbers');
CREATE INDEX imports_changed ON imports (changed);
CREATE INDEX imports_owner_changed ON imports (owner_iss, owner_sub, changed);

-- Whose numbers they are: another database has another epoch. The one row is also
-- what keeps the order.
CREATE TABLE changes (epoch uuid NOT NULL DEFAULT gen_random_uuid());
INSERT INTO changes DEFAULT VALUES;

-- A ticket stands for who has asked for it, and ends with their token. One without an
-- import is for the stream of all imports that they see. Those before live a minute.
DELETE FROM tickets;
ALTER TABLE tickets
    ALTER COLUMN import DROP NOT NULL,
    ADD COLUMN owner_iss text NOT NULL,
    ADD COLUMN owner_sub text NOT NULL,
    ADD COLUMN admin     boolean NOT NULL,
    ADD COLUMN until     timestamptz;
CREATE INDEX tickets_owner ON tickets (owner_iss, owner_sub, expires_at) WHERE import IS NULL;
