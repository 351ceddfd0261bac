// Package letter has the words of an invitation's mail. They hold a link that nobody
// may find in a table, so they are written each time when the mail is sent or read, by
// whichever service does that.
package letter

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"
	"time"
)

// Life is for how long an invitation counts, from when its mail was written.
const Life = 14 * 24 * time.Hour

//go:embed invitation.txt invitation.html
var templates embed.FS

// The same letter in both forms. The HTML one is as that of an import: inline styles,
// nothing to load, no colours.
var (
	textLetter = texttemplate.Must(texttemplate.ParseFS(templates, "invitation.txt"))
	htmlLetter = htmltemplate.Must(htmltemplate.ParseFS(templates, "invitation.html"))
)

// Invitation is what the letter says. All of its texts are single lines.
type Invitation struct {
	Nick string
	// Site is how people reach Usher.
	Site string
	// Link is where the invitation is followed. Without it the letter says that only
	// the mail has it.
	Link string
	// Written is when the mail was.
	Written time.Time
}

// Until says when the link stops working.
func (i Invitation) Until() string {
	return i.Written.Add(Life).UTC().Format("2 January 2006, 15:04 UTC")
}

// Text is the letter as plain text.
func (i Invitation) Text() (string, error) {
	var b strings.Builder
	if err := textLetter.Execute(&b, i); err != nil {
		return "", fmt.Errorf("text of an invitation: %w", err)
	}
	return b.String(), nil
}

// HTML is the letter as HTML.
func (i Invitation) HTML() (string, error) {
	var b strings.Builder
	if err := htmlLetter.Execute(&b, i); err != nil {
		return "", fmt.Errorf("HTML of an invitation: %w", err)
	}
	return b.String(), nil
}
