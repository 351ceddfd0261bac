-- What the pages of the query service show: the notifications of who is signed in, and
-- the mails that are kept because there is no server to send them by. Of the others it
-- is told nothing: they are with those they were sent to.
CREATE VIEW api_notifications AS
    SELECT id, import_id, owner_iss, owner_sub, kind, title, message, url, created_at, read_at FROM notifications;
CREATE VIEW api_kept_mails AS
    SELECT id, import_id, recipient, subject, text, invitee, nick, invitation, created_at FROM mails WHERE state = 'kept';
-- Every page asks whether there is something new, and whether any mail is kept.
CREATE INDEX notifications_unread ON notifications (owner_iss, owner_sub, id DESC) WHERE read_at IS NULL;
CREATE INDEX mails_kept ON mails (id DESC) WHERE state = 'kept';
