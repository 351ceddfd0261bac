-- The mail of an invitation has no words of its own: they hold a link that nobody may
-- find in a table, so they are written when the mail is sent or read.
ALTER TABLE mails ALTER COLUMN text DROP NOT NULL, ALTER COLUMN html DROP NOT NULL;
ALTER TABLE mails ADD COLUMN invitee uuid, ADD COLUMN nick text, ADD COLUMN invitation integer;
ALTER TABLE mails ADD CONSTRAINT mails_words CHECK (
    num_nonnulls(text, html) = 2 AND num_nonnulls(invitee, nick, invitation) = 0
    OR num_nonnulls(text, html) = 0 AND num_nonnulls(invitee, nick, invitation) = 3);
-- An account is invited once by each number, whatever the domain of the Message-IDs is by then.
CREATE UNIQUE INDEX mails_invitation ON mails (invitee, invitation) WHERE invitee IS NOT NULL;
-- What tells of an import goes before invitations, of which there may be very many.
DROP INDEX mails_due;
CREATE INDEX mails_due ON mails ((invitee IS NOT NULL), next_try, id) WHERE state = 'pending';
-- Mails are released, and taken back, by their import.
CREATE INDEX mails_import ON mails (import_id);
