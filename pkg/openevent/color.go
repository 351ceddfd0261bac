package openevent

import (
	"regexp"

	"github.com/mazznoer/csscolorparser"
)

// colorForm matches whatever may be a colour. A page writes colours into style
// attributes: nothing that matches can end one, or the declaration in it.
var colorForm = regexp.MustCompile(`^(#?[0-9A-Za-z]{3,20}|(?:[Rr][Gg][Bb][Aa]?|[Hh][Ss][Ll][Aa]?|[Hh][Ww][Bb]|(?:[Oo][Kk])?[Ll](?:[Aa][Bb]|[Cc][Hh]))` +
	`\( *` + colorPart + `(?: *[ ,] *` + colorPart + `){2}(?: *[ ,/] *` + colorPart + `)? *\))$`)

// colorPart matches a number with or without a unit. The library takes whatever
// strconv does, such as "inf".
const colorPart = `[+-]?[0-9]{0,9}\.?[0-9]{1,20}(?:[Ee][+-]?[0-9]{1,2})?(?:%|[A-Za-z]{3,4})?`

// cssColor returns a text that is a colour in one of the forms of CSS as it is;
// digits of a hexadecimal colour alone get the "#" that is missing.
func cssColor(text string) (string, bool) {
	if !colorForm.MatchString(text) {
		return "", false
	}
	if _, err := csscolorparser.Parse(text); err != nil {
		return "", false
	}
	if hexDigits.MatchString(text) {
		return "#" + text, true
	}
	return text, true
}

// hexDigits matches a hexadecimal colour without its "#". No name of a colour does.
var hexDigits = regexp.MustCompile(`^(?:[0-9A-Fa-f]{3,4}|[0-9A-Fa-f]{6}|[0-9A-Fa-f]{8})$`)
