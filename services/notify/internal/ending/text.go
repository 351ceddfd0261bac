package ending

import (
	"cmp"
	"fmt"
	"strings"
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
	case f.State != contracts.Success:
		return "Import of event failed"
	case f.Result.Accounts != nil:
		return f.Result.String()
	case f.Result.Identifier == "":
		return "Your import has ended"
	}
	return fmt.Sprintf("Event %s has been imported", eventName(f.Result))
}

// summary is the text of the notification, one line.
func summary(f *contracts.ImportFinished) string {
	if f.State != contracts.Success {
		return line(f.Failure, maxReason)
	}
	switch {
	case f.Result.Accounts != nil:
		return f.Result.String() + "."
	case f.Result.Identifier == "":
		return ""
	}
	return fmt.Sprintf("The event %s has been imported.", eventName(f.Result))
}

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
