// Package invitation mails those who have an account without a password a link to
// choose one. Who they are the people service says, by its view api_invitations;
// their mails are rows of the outbox, whose words are written when they are needed.
package invitation

import (
	"context"
	"fmt"
	"net/url"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/services/notify/internal/mail"
)

// Config is what the mails are made with.
type Config struct {
	// PublicURL is how people reach Usher.
	PublicURL string
	// Domain ends the Message-IDs.
	Domain string
	// SendMail tells that there is a server that mails go to; else they are kept.
	SendMail bool
}

// Write makes the mails of all whom an import has made accounts for and who are to be
// invited, in the order of the list. They are held until the end of the attempt is
// certain. Who was invited by the same number before, in an earlier attempt, is not
// invited again.
func Write(ctx context.Context, tx bun.IDB, cfg Config, importID string, attempt int) error {
	state := mail.Kept
	if cfg.SendMail {
		state = mail.Held
	}
	_, err := tx.NewRaw(`INSERT INTO notify.mails (import_id, attempt, message_id, recipient, subject, invitee, nick, invitation, state)
		SELECT import_id, ?, ?, email, ?, subject, nick, number, ?
		FROM people.api_invitations AS i WHERE import_id = ? ORDER BY id
		ON CONFLICT DO NOTHING`,
		attempt, messageID(cfg), cfg.subject(), state, importID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("invitations: %w", err)
	}
	return nil
}

// messageID is the Message-ID of the mail to somebody of api_invitations, for a query.
// It follows from the account and the number, so that a mail that has to be sent again
// is the same mail.
func messageID(cfg Config) any {
	return bun.SafeQuery("'invitation.' || i.subject || '.' || i.number || '@' || ?", cfg.Domain)
}

// subject is that of the mails.
func (c Config) subject() string {
	if u, err := url.Parse(c.PublicURL); err == nil && u.Host != "" {
		return "Your account at " + u.Host
	}
	return "Your account"
}
