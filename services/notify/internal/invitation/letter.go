package invitation

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"

	"github.com/google/uuid"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/services/notify/internal/mail"
)

// life is for how long an invitation counts, from when its mail was written.
const life = 14 * 24 * time.Hour

//go:embed letter.txt letter.html
var templates embed.FS

// The same letter in both forms. The HTML one is as that of an import: inline styles,
// nothing to load, no colours.
var (
	textLetter = texttemplate.Must(texttemplate.ParseFS(templates, "letter.txt"))
	htmlLetter = htmltemplate.Must(htmltemplate.ParseFS(templates, "letter.html"))
)

// Letters writes what the mails say.
type Letters struct {
	Inviter *auth.Inviter
	// Site is how people reach Usher; URLOf is where the invitation with a token is followed.
	Site  string
	URLOf func(token string) string
}

// view is what the templates show. All of its texts are single lines. Without a Link
// the letter says that only the mail has it.
type view struct{ Nick, Site, Link, Until string }

// Fill gives the row of an invitation its words, with the link.
func (l Letters) Fill(row *mail.Row) error {
	account, err := uuid.Parse(row.Invitee)
	if err != nil {
		return fmt.Errorf("account of an invitation: %w", err)
	}
	row.Secret = l.Inviter.Token(auth.Invitation{Account: account, Number: row.Invitation, Expires: row.CreatedAt.Add(life)})
	return l.fill(row, l.URLOf(row.Secret))
}

// FillWithoutLink is Fill for who reads mails that went to others.
func (l Letters) FillWithoutLink(row *mail.Row) error { return l.fill(row, "") }

func (l Letters) fill(row *mail.Row, link string) error {
	v := view{Nick: row.Nick, Site: l.Site, Link: link, Until: row.CreatedAt.Add(life).UTC().Format("2 January 2006, 15:04 UTC")}
	var text, html strings.Builder
	if err := textLetter.Execute(&text, v); err != nil {
		return fmt.Errorf("text of an invitation: %w", err)
	}
	if err := htmlLetter.Execute(&html, v); err != nil {
		return fmt.Errorf("HTML of an invitation: %w", err)
	}
	row.Text, row.HTML = text.String(), html.String()
	return nil
}
