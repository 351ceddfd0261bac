package mail

import (
	"encoding/base64"
	"errors"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

// verdict says what a delivery that failed means.
type verdict int

const (
	// outage: the server is not there, or not for us. It concerns all mails.
	outage verdict = iota
	// deferred: not this mail, not now.
	deferred
	// refused: not this mail, ever.
	refused
)

// failure is why a mail was not delivered, in a text without secrets.
type failure struct {
	verdict verdict
	text    string
}

// authenticationRequired is the one permanent answer (RFC 4954) that is about
// our settings and not about the mail.
const authenticationRequired = 530

// verdictOf tells what the server's answer in a dialogue means. One that broke
// off is no refusal.
func verdictOf(err error) verdict {
	answer, ok := errors.AsType[*gomail.SendError](err)
	switch {
	case !ok, answer.ErrorCode() < 500:
		return deferred
	case answer.ErrorCode() == authenticationRequired:
		return outage
	}
	return refused
}

// maxFailure is how many characters of a server's answer are kept.
const maxFailure = 300

// scrubber takes out of an answer of the server what is nobody's business: a
// server may repeat what it was told, in plain or as it was encoded.
type scrubber struct{ secrets []string }

func newScrubber(user *url.Userinfo) scrubber {
	if user == nil {
		return scrubber{}
	}
	name := user.Username()
	password, _ := user.Password()
	var s scrubber
	for _, secret := range []string{name, password} {
		s.secrets = append(s.secrets, secret, url.QueryEscape(secret), url.PathEscape(secret), url.UserPassword("", secret).String()[1:])
	}
	for _, encoded := range []string{name, password, "\x00" + name + "\x00" + password, name + "\x00" + name + "\x00" + password} {
		text := base64.StdEncoding.EncodeToString([]byte(encoded))
		s.secrets = append(s.secrets, text, strings.TrimRight(text, "="))
	}
	return s
}

// clean returns the text of an error in one line of bounded length, without our
// credentials, the address of the recipient and what only the recipient may learn.
func (s scrubber) clean(err error, row Row) string {
	// go-mail adds the addresses and the id, which the row has.
	text, _, _ := strings.Cut(err.Error(), ", affected ")
	hidden := append(slices.Clone(s.secrets), row.Recipient, row.Secret)
	if address, err := mail.ParseAddress(row.Recipient); err == nil {
		hidden = append(hidden, address.Address)
	}
	// The longest first, so that no part of it is left where another is inside.
	slices.SortFunc(hidden, func(a, b string) int { return len(b) - len(a) })
	for _, h := range hidden {
		if h != "" {
			text = regexp.MustCompile("(?i)"+regexp.QuoteMeta(h)).ReplaceAllLiteralString(text, "…")
		}
	}
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if runes := []rune(text); len(runes) > maxFailure {
		text = string(runes[:maxFailure-1]) + "…"
	}
	return text
}
