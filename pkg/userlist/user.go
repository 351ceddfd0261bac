// Package userlist knows what a user is, and reads lists of them: a table in
// CSV becomes users, and whatever is wrong with it becomes issues with line and
// column. The people service makes accounts of lists with it, and holds users
// that are added one by one to the same rules.
package userlist

import (
	"fmt"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// User is somebody who is to have an account. Texts have no blanks around them,
// but for the password, in which every character counts.
type User struct {
	Nick      string
	Email     string
	Password  string
	FirstName string
	LastName  string
	City      string
	Mobile    string
	Pronoun   string
	DECT      string
	// TShirtSize is as it was given: sizes differ from event to event.
	TShirtSize string
	// Age is nil where it is not known.
	Age *int
	// PlannedArrival is a date at midnight UTC, zero where it is not known.
	PlannedArrival time.Time
}

// Field names a field of a user.
type Field string

// The fields of a user.
const (
	Nick           Field = "nick"
	Email          Field = "email"
	Password       Field = "password"
	FirstName      Field = "first_name"
	LastName       Field = "last_name"
	Age            Field = "age"
	City           Field = "city"
	Mobile         Field = "mobile"
	Pronoun        Field = "pronoun"
	DECT           Field = "dect"
	TShirtSize     Field = "tshirt_size"
	PlannedArrival Field = "planned_arrival"
)

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

// The codes of faults.
const (
	CodeNickMissing       = "nick_missing"
	CodeNickTooLong       = "nick_too_long"
	CodeNickCharacters    = "nick_characters"
	CodeEmailMissing      = "email_missing"
	CodeEmailInvalid      = "email_invalid"
	CodePasswordMissing   = "password_missing"
	CodePasswordTooShort  = "password_too_short"
	CodeAgeInvalid        = "age_invalid"
	CodeDateInvalid       = "date_invalid"
	CodeTooLong           = "too_long"
	CodeControlCharacters = "control_characters"
)

// Fault is one thing that is wrong with a user. It never repeats a value.
type Fault struct {
	Field Field
	// Code is stable, Message and Hint are for people.
	Code    string
	Message string
	Hint    string
}

// Faults returns everything that is wrong with a user by itself. Whether nick
// and address are taken only the accounts know.
func (u User) Faults() []Fault {
	var all []Fault
	for _, fault := range []*Fault{nickFault(u.Nick), emailFault(u.Email), passwordFault(u.Password), ageFault(u.Age), dayFault(u.PlannedArrival)} {
		if fault != nil {
			all = append(all, *fault)
		}
	}
	for _, text := range []struct {
		field Field
		value string
		most  int
	}{
		{FirstName, u.FirstName, 64},
		{LastName, u.LastName, 64},
		{City, u.City, 255},
		{Mobile, u.Mobile, 40},
		{Pronoun, u.Pronoun, 15},
		{DECT, u.DECT, 40},
		{TShirtSize, u.TShirtSize, 20},
	} {
		if fault := textFault(text.field, text.value, text.most); fault != nil {
			all = append(all, *fault)
		}
	}
	return all
}

// Key is the form in which nicks and addresses are unique and looked up: two
// that look alike but for upper and lower case are the same.
func Key(s string) string {
	// Folding may leave what composes to something else, hence twice NFC.
	return norm.NFC.String(cases.Fold().String(norm.NFC.String(strings.TrimSpace(s))))
}

func nickFault(nick string) *Fault {
	nick = norm.NFC.String(nick) // "é" is one character, however it is written
	switch {
	case nick == "":
		return &Fault{Nick, CodeNickMissing, "The nick is missing", "Every user needs a nick of their own."}
	case utf8.RuneCountInString(nick) > MaxNick:
		return &Fault{
			Nick, CodeNickTooLong, fmt.Sprintf("The nick has more than %d characters", MaxNick),
			fmt.Sprintf("Shorten it to at most %d characters.", MaxNick),
		}
	}
	for i, r := range nick {
		// Vowels of many scripts are marks behind a letter.
		if !unseen(r) && (unicode.IsLetter(r) || unicode.IsNumber(r) || strings.ContainsRune("_.-", r) || i > 0 && unicode.IsMark(r)) {
			continue
		}
		return &Fault{
			Nick, CodeNickCharacters, "The nick has characters that a nick cannot have",
			"Letters and digits of any script, '_', '.' and '-' are allowed; blanks are not.",
		}
	}
	return nil
}

// unseen tells those letters and marks that nobody sees: with one, a nick or an
// address would look like that of somebody else.
func unseen(r rune) bool {
	return unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

func emailFault(email string) *Fault {
	if email == "" {
		return &Fault{Email, CodeEmailMissing, "The e-mail address is missing", "Every user needs an e-mail address of their own."}
	}
	if !isEmail(email) {
		return &Fault{Email, CodeEmailInvalid, "This is not an e-mail address", "It must be like name@example.org, and nothing else."}
	}
	return nil
}

// isEmail tells an address from what net/mail puts up with beside it: names,
// comments, quotes, numbers for a host, and hosts that no host can be called.
func isEmail(s string) bool {
	address, err := mail.ParseAddress(s)
	if err != nil || address.Name != "" || address.Address != s || len(s) > MaxEmail {
		return false
	}
	local, domain, _ := strings.Cut(s, "@")
	labels := strings.Split(domain, ".")
	hidden := func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) || unseen(r) }
	if len(local) > 64 || strings.ContainsFunc(s, hidden) || len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' ||
			strings.ContainsFunc(label, func(r rune) bool {
				return r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
			}) {
			return false
		}
	}
	return true
}

func passwordFault(password string) *Fault {
	switch n := utf8.RuneCountInString(password); {
	case password == "":
		return &Fault{Password, CodePasswordMissing, "The password is missing", "Every user needs a password."}
	case n < MinPassword:
		return &Fault{
			Password, CodePasswordTooShort, fmt.Sprintf("The password has fewer than %d characters", MinPassword),
			fmt.Sprintf("Choose one of at least %d characters.", MinPassword),
		}
	case len(password) > MaxPassword:
		return &Fault{Password, CodeTooLong, fmt.Sprintf("The password has more than %d bytes", MaxPassword), "Choose a shorter one."}
	}
	return nil
}

// FaultOfAge is what is wrong with an age that is no number at all.
func FaultOfAge() Fault {
	return Fault{Age, CodeAgeInvalid, fmt.Sprintf("The age is not a whole number from 0 to %d", MaxAge), "Give it in years, or leave it empty."}
}

func ageFault(age *int) *Fault {
	if age == nil || *age >= 0 && *age <= MaxAge {
		return nil
	}
	fault := FaultOfAge()
	return &fault
}

// FaultOfDay is what is wrong with a day that is no date at all.
func FaultOfDay() Fault {
	return Fault{PlannedArrival, CodeDateInvalid, "This is not a date", "It must be like 2031-05-02."}
}

// dayFault refuses the year 0, which Go has and the calendar of the database has not.
func dayFault(day time.Time) *Fault {
	if day.Year() >= 1 {
		return nil
	}
	fault := FaultOfDay()
	return &fault
}

func textFault(field Field, s string, most int) *Fault {
	if utf8.RuneCountInString(s) > most {
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
