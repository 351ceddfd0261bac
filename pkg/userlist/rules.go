package userlist

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Rules are what an installation and an import want of users, beyond what holds
// for everybody. The zero value wants nothing more.
type Rules struct {
	// MinPassword is how many characters a password has at least: MinPassword,
	// if this is less.
	MinPassword int
	// Buildup and Teardown are the first and the last day on which somebody can
	// arrive; zero is no bound.
	Buildup, Teardown time.Time
	// Required are the fields that nobody may leave empty, beside nick and email.
	Required []Field
	// Invite tells that who has no password gets an invitation to choose one.
	Invite bool
}

// The bounds of what a user may be. A nick's and a text's are in characters, an
// address's, as those who carry mail count, in bytes. A password's upper one
// only keeps somebody from having us hash a book.
const (
	MaxNick     = 24
	MaxEmail    = 254
	MinPassword = 8
	MaxPassword = 1024
	MaxAge      = 150
)

// maxText is how many characters the other texts may have.
var maxText = []struct {
	field Field
	most  int
}{{FirstName, 64}, {LastName, 64}, {City, 255}, {Mobile, 40}, {Pronoun, 15}, {DECT, 40}, {Organization, 255}}

// Fault is one thing that is wrong with a user. It never repeats a value.
type Fault struct {
	Field Field
	// Code is stable, Message and Hint are for people.
	Code    string
	Message string
	Hint    string
}

// Faults returns everything that is wrong with a user by itself, once for each
// field. Whether nick and address are taken only the accounts know.
func (r Rules) Faults(u User) []Fault {
	var all []Fault
	add := func(fault *Fault) {
		if fault != nil {
			all = append(all, *fault)
		}
	}
	add(nickFault(u.Nick))
	add(emailFault(u.Email))
	add(r.passwordFault(u))
	add(ageFault(u.Age))
	add(sizeFault(u.TShirtSize))
	add(r.dayFault(u.PlannedArrival))
	add(zoneFault(u.TimeZone))
	add(webFault(u.Web))
	for _, text := range maxText {
		add(textFault(text.field, u.Text(text.field), text.most))
	}
	for _, field := range r.Required {
		if field != Nick && field != Email && field != Password && !u.has(field) {
			all = append(all, Fault{field, CodeFieldMissing, "This is missing", "It must be filled in for every user."})
		}
	}
	return all
}

// needs tells whether nobody may leave a field empty.
func (r Rules) needs(field Field) bool {
	return field == Nick || field == Email || field == Password && !r.Invite || slices.Contains(r.Required, field)
}

// textFault is what is wrong with a text. One that is no UTF-8 the database refuses, and
// with it all rows.
func textFault(field Field, s string, most int) *Fault {
	if !utf8.ValidString(s) {
		return &Fault{
			field, CodeNotUTF8, "This has bytes that are no letters of UTF-8, which the list says that it is written in",
			"Save the list as CSV in UTF-8, and look whether its special letters are still right.",
		}
	}
	if tooLong(s, most) {
		return &Fault{
			field, CodeTooLong, fmt.Sprintf("This has more than %d characters", most),
			fmt.Sprintf("Shorten it to at most %d characters.", most),
		}
	}
	control := func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\t\r\n", r) }
	if strings.ContainsFunc(s, control) {
		return &Fault{field, CodeControlCharacters, "This has control characters", "Remove what cannot be seen."}
	}
	return nil
}

// tooLong tells whether a text has more characters than it may.
func tooLong(s string, most int) bool {
	return len(s) > most && utf8.RuneCountInString(s) > most
}
