package invitation

import (
	"fmt"

	"github.com/google/uuid"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/letter"
	"github.com/usher-events/usher/services/notify/internal/mail"
)

// Letters writes what the mails say.
type Letters struct {
	Inviter *auth.Inviter
	// Site is how people reach Usher; URLOf is where the invitation with a token is followed.
	Site  string
	URLOf func(token string) string
}

// Fill gives the row of an invitation its words, with the link.
func (l Letters) Fill(row *mail.Row) error {
	account, err := uuid.Parse(row.Invitee)
	if err != nil {
		return fmt.Errorf("account of an invitation: %w", err)
	}
	row.Secret = l.Inviter.Token(auth.Invitation{Account: account, Number: row.Invitation, Expires: row.CreatedAt.Add(letter.Life)})
	return l.fill(row, l.URLOf(row.Secret))
}

// FillWithoutLink is Fill for who reads mails that went to others.
func (l Letters) FillWithoutLink(row *mail.Row) error { return l.fill(row, "") }

func (l Letters) fill(row *mail.Row, link string) (err error) {
	words := letter.Invitation{Nick: row.Nick, Site: l.Site, Link: link, Written: row.CreatedAt}
	if row.Text, err = words.Text(); err != nil {
		return err
	}
	row.HTML, err = words.HTML()
	return err
}
