package userlist

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

func nickFault(nick string) *Fault {
	nick = norm.NFC.String(nick) // "é" is one character, however it is written
	switch {
	case nick == "":
		return &Fault{Nick, CodeNickMissing, "The nick is missing", "Every user needs a nick of their own."}
	case tooLong(nick, MaxNick):
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
	return r >= 0x80 && unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
