package userlist

import (
	"errors"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Doubts returns what is probably a mistake and may yet be right, so that nobody is
// left out for it: a telephone number that no country gives out. Which numbers there
// are changes faster than any list of them.
func (r Rules) Doubts(u User) []Fault {
	if !dubious(u.Mobile) {
		return nil
	}
	return []Fault{{Mobile, CodeMobileDoubtful, "This does not look like a telephone number", "Write it like +49 170 1234567, with the code of the country."}}
}

// dubious tells whether a text is no telephone number, as far as can be known: of a
// number without the code of a country only whether it is one at all.
func dubious(text string) bool {
	const nowhere = "ZZ" // there is no default country
	if text == "" {
		return false
	}
	if rest, ok := strings.CutPrefix(text, "00"); ok {
		text = "+" + rest
	}
	number, err := phonenumbers.Parse(text, nowhere)
	if err == nil {
		return !phonenumbers.IsPossibleNumber(number)
	}
	national := errors.Is(err, phonenumbers.ErrInvalidCountryCode) && !strings.HasPrefix(text, "+")
	return !national
}
