package userlist

import (
	"errors"
	"strconv"
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

// nowhere is the region of a number that has none, for the library.
const nowhere = "ZZ"

// dubious tells whether a text is no telephone number, as far as can be known: of a
// number without the code of a country only whether it is one at all.
func dubious(text string) bool {
	if text == "" {
		return false
	}
	if rest, ok := strings.CutPrefix(text, "00"); ok {
		text = "+" + rest
	}
	if isPlain(text) {
		return false
	}
	number, err := phonenumbers.Parse(text, nowhere)
	if err == nil {
		return !phonenumbers.IsPossibleNumber(number)
	}
	national := errors.Is(err, phonenumbers.ErrInvalidCountryCode) && !strings.HasPrefix(text, "+")
	return !national
}

// isPlain tells a number that is nothing but a plus, the code of a country and as many
// digits as there may be. Most are; reading what is left takes ten times as long as
// all else in a row.
func isPlain(text string) bool {
	digits, international := strings.CutPrefix(text, "+")
	if _, err := strconv.ParseUint(digits, 10, 64); err != nil || !international {
		return false
	}
	const longestCode = 3
	for n := 1; n <= longestCode && n < len(digits); n++ {
		code, _ := strconv.ParseInt(digits[:n], 10, 32) // they are digits
		if phonenumbers.GetRegionCodeForCountryCode(int(code)) == nowhere {
			continue
		}
		national, _ := strconv.ParseUint(digits[n:], 10, 64)
		return phonenumbers.IsPossibleNumber(&phonenumbers.PhoneNumber{CountryCode: new(int32(code)), NationalNumber: &national})
	}
	return false
}
