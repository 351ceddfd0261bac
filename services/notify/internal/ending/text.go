package ending

import (
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/usher-events/usher/contracts"
)

// How many characters of what comes from an archive go into a mail: of a name,
// which also stands in the subject, and of what an issue says.
const (
	maxName   = 100
	maxReason = 500
)

// title is the subject of the mail and the title of the notification.
func title(kind contracts.Kind, f *contracts.ImportFinished) string {
	switch {
	case f.State != contracts.Success && kind.List():
		return "Import of users failed"
	case f.State != contracts.Success && kind == contracts.EventExport:
		return "Export of event failed"
	case f.State != contracts.Success:
		return "Import of event failed"
	case f.Result.Accounts != nil:
		return f.Result.String()
	case f.Result.Identifier == "":
		return "Your import has ended"
	}
	return fmt.Sprintf("Event %s has been %s", eventName(f.Result), done(kind))
}

// done says what has become of an event.
func done(kind contracts.Kind) string {
	if kind == contracts.EventExport {
		return "exported"
	}
	return "imported"
}

// summary is the text of the notification, one line.
func summary(kind contracts.Kind, f *contracts.ImportFinished) string {
	if f.State != contracts.Success {
		return line(f.Failure, maxReason)
	}
	switch {
	case f.Result.Accounts != nil:
		return f.Result.String() + "."
	case f.Result.Identifier == "":
		return ""
	}
	text := fmt.Sprintf("The event %s has been %s.", eventName(f.Result), done(kind))
	if x := f.Result.Exported; x != nil {
		text += fmt.Sprintf(" Its archive can be downloaded until %s.", moment(x.ExpiresAt))
	}
	return text
}

// moment is a time for people, in UTC, for nobody knows where they are.
func moment(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// eventName is what an event is called in a sentence.
func eventName(r *contracts.Result) string {
	return cmp.Or(line(r.EventName, maxName), r.Identifier) // a name may have nothing in it that can be seen
}

// line makes one line of what comes from an archive, without characters that
// cannot be seen and change what can: a header, a sentence and the order of
// reading stay ours. It has at most so many characters.
func line(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	runes := []rune(s)
	return strings.TrimSpace(string(runes[:most-1])) + "…"
}
