package ending

import (
	"embed"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/filesize"
	"github.com/usher-events/usher/pkg/stage"
)

//go:embed letter.txt letter.html
var templates embed.FS

// The same letter in both forms. The HTML one has inline styles only, loads
// nothing and sets no colour of text or ground, so that a mail client shows it
// in its own, light or dark.
var (
	textLetter = texttemplate.Must(texttemplate.ParseFS(templates, "letter.txt"))
	htmlLetter = htmltemplate.Must(htmltemplate.ParseFS(templates, "letter.html"))
)

// letter is what a mail says. All of its texts are single lines.
type letter struct {
	Title   string
	Success bool
	Import  string
	// Word is "import" or "export".
	Word string
	// File is what the client called the file, perhaps nothing, or what the event to be
	// exported is called; What says what it is.
	File string
	What string
	// EarlierImport is an import of the same bytes, mostly nothing.
	EarlierImport string
	Warnings      int

	// Of a success:
	Event string
	Users string
	// SignIn says of accounts what their people can do.
	SignIn string
	ID     string
	URL    string
	Counts []count

	// Of an export that has succeeded: how large the archive is, until when it can be
	// downloaded, and how many things of it the format's first server would refuse.
	Size    string
	Until   string
	Refused int

	// Of a failure: the list of reasons, and how many there are beyond it; or
	// what failed where there is no list.
	Reasons []reason
	More    int
	Failure string
	// Stands says what of it is there all the same.
	Stands string
	Next   string
}

// count is how many of something were imported.
type count struct {
	Label string
	N     int
}

// reason is one error of the input.
type reason struct{ Text, Hint string }

func newLetter(env contracts.Envelope, f *contracts.ImportFinished, trigger contracts.Payload, carried contracts.Carried) letter {
	l := letter{
		Title:    title(env.Kind, f),
		Success:  f.State == contracts.Success,
		Import:   env.Import,
		Word:     "import",
		File:     line(carried.FileName, maxName),
		What:     "archive",
		Warnings: f.Issues.Warning,
	}
	switch {
	case env.Kind.List():
		l.What = "list"
	case env.Kind == contracts.EventExport:
		l.Word, l.What, l.File = "export", "event", ""
		if carried.Event != nil {
			l.File = line(carried.Event.Name, maxName)
		}
	}
	if l.Success {
		r := f.Result
		l.Counts, l.EarlierImport = countsOf(trigger, carried), r.EarlierImport
		switch {
		case r.Accounts != nil:
			l.Users, l.SignIn, l.URL = r.String(), signIn(*r.Accounts, carried.Options), r.URL
		case r.Identifier != "":
			l.Event, l.ID, l.URL = eventName(r), r.ID, r.URL
		}
		if r.Exported != nil {
			l.Size, l.Until, l.Refused = filesize.Word(r.Size), moment(r.ExpiresAt), r.RefusedByV1
			if len(r.FirstRefused) > 0 && r.FirstRefused[0].Severity == contracts.Warning {
				l.Warnings = max(0, l.Warnings-l.Refused) // they are told of apart
			}
		}
		return l
	}
	for _, i := range f.FirstIssues {
		if i.Severity == contracts.Error {
			l.Reasons = append(l.Reasons, reason{Text: line(i.String(), maxReason), Hint: line(i.Hint, maxReason)})
		}
	}
	if len(l.Reasons) == 0 {
		l.Failure = line(f.Failure, maxReason)
	} else {
		l.More = max(0, f.Issues.Error-len(l.Reasons))
	}
	switch {
	case env.Kind == contracts.EventExport:
		l.Stands, l.Next = "Nothing of the event has changed.", nextAfterExport(f.Code)
	case env.Kind == contracts.UserList && f.FailedStage == contracts.Notify:
		l.Stands = "The accounts are there all the same."
		l.Next = "The list need not come again. What was not done can be tried again: on the page of the import, or by the command line " +
			"(usher replay). " + tellUs
	default:
		l.Stands, l.Next = standing(carried.Mended), nextAfter(f.Code, l.What, carried.Mended)
	}
	return l
}

// signIn says how those sign in whose accounts a list has made. It leaves the passwords
// of others alone.
func signIn(a contracts.Accounts, o contracts.Options) string {
	var said []string
	if a.Created > a.Invited {
		ways := "Who is new can sign in with nick or e-mail address and the password of the list"
		switch {
		case a.Invited > 0:
			ways += "; who is invited gets a mail to choose one"
		case o.NoInvite:
			ways += "; who has none there was not invited"
		}
		said = append(said, ways+".")
	} else if a.Invited > 0 {
		said = append(said, "Who is invited gets a mail to choose a password.")
	}
	switch {
	case a.Updated > 0 && a.Created > 0:
		said = append(said, "The passwords of those who were updated are as they were.")
	case a.Updated > 0:
		said = append(said, "Their passwords are as they were.")
	}
	return strings.Join(append(said, "The list has been deleted here."), " ")
}

// labels name what people want to see counted, in the order of a letter.
var labels = []struct {
	entity contracts.EntityType
	label  string
}{
	{contracts.Sessions, "Sessions"},
	{contracts.Speakers, "Speakers"},
	{contracts.Tracks, "Tracks"},
	{contracts.Microlocations, "Rooms"},
	{contracts.SessionTypes, "Session types"},
	{contracts.Sponsors, "Sponsors"},
	{contracts.SocialLinks, "Social links"},
	{contracts.CustomForms, "Form fields"},
	{contracts.MediaFiles, "Media files"},
}

// countsOf says how much was imported, or exported. An import that succeeded has made
// all that its archive holds; what the last stage counted itself comes before that.
func countsOf(trigger contracts.Payload, carried contracts.Carried) []count {
	made, _ := contracts.CompletedOf(trigger)
	var all []count
	for _, l := range labels {
		n, ok := made.Counts[l.entity]
		if !ok {
			n = carried.Totals[l.entity]
		}
		if n > 0 {
			all = append(all, count{l.label, n})
		}
	}
	return all
}

// standing says what of an import is there though it has failed. Rows that come mended
// come to what earlier attempts have made.
func standing(mended bool) string {
	if mended {
		return "The rows that came mended were not imported; what was imported before stands."
	}
	return "Nothing of it is visible to anybody."
}

// tellUs is what helps where trying again does not.
const tellUs = "If that fails as well, tell the people who run this Usher the id."

// nextAfter says what the owner can do about a failure.
func nextAfter(code, what string, mended bool) string {
	again := "upload the " + what + " again"
	if mended {
		again = "upload the mended rows again, on the page of the import"
	}
	switch code {
	case stage.CodeTriesExhausted:
		return "This may well not be the " + what + "'s fault. It can be tried again from where it stopped, without another " +
			"upload: on the page of the import, or by the command line (usher replay). " + tellUs
	case stage.CodeArchiveGone:
		return "Please " + again + "."
	}
	return "Please correct what is listed and " + again + ". Nothing has to be removed before."
}

// nextAfterExport is nextAfter for an export, for which nothing was uploaded.
func nextAfterExport(code string) string {
	again := "As long as the event is there, it can be tried again: on the page of the export, or by the command line (usher replay)."
	if code == stage.CodeTriesExhausted {
		return "This may well not be the event's fault. " + again + " " + tellUs
	}
	return again
}

// text and html give the two forms of the letter.
func (l letter) text() (string, error) {
	var b strings.Builder
	if err := textLetter.Execute(&b, l); err != nil {
		return "", fmt.Errorf("text of the mail: %w", err)
	}
	return b.String(), nil
}

func (l letter) html() (string, error) {
	var b strings.Builder
	if err := htmlLetter.Execute(&b, l); err != nil {
		return "", fmt.Errorf("HTML of the mail: %w", err)
	}
	return b.String(), nil
}
