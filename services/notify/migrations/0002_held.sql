-- A mail is held until the end that it tells of stands with the broker: a cancel
-- may come first, and then there is no such end.
ALTER TABLE mails DROP CONSTRAINT mails_state_check;
ALTER TABLE mails ADD CONSTRAINT mails_state_check CHECK (state IN ('held', 'kept', 'pending', 'sent', 'failed'));
