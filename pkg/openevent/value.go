package openevent

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/usher-events/usher/contracts"
)

// scalar reads a value as text: strings as they are, numbers and booleans as
// they are written. None for null; lists and objects are of the wrong type.
func (d *decoder) scalar(f *field) (string, outcome, error) {
	switch d.peek() {
	case '"':
		at := d.pos
		b, found, err := d.text()
		if err != nil {
			return "", isBad, err
		}
		if found.nul {
			d.finding(contracts.Warning, CodeNULRemoved, "", at, fmt.Sprintf("NUL characters were removed from '%s'", f.name))
		}
		if found.utf8 {
			d.finding(contracts.Warning, CodeInvalidUTF8, "", at, fmt.Sprintf("Bytes that are not UTF-8 were replaced in '%s'", f.name))
		}
		if len(b) == 0 {
			return "", isNone, nil
		}
		return string(b), isSet, nil
	case '{', '[':
		out, err := d.noneOr(f, "a single value")
		return "", out, err
	default:
		b, err := d.bare()
		if err != nil {
			return "", isBad, err
		}
		if b[0] == 'n' {
			return "", isNone, nil
		}
		return string(b), isSet, nil
	}
}

// trimmed reads a value as text without the blanks around it.
func (d *decoder) trimmed(f *field) (string, outcome, error) {
	text, out, err := d.scalar(f)
	if out == isSet {
		if text = trimBlanks(text); text == "" {
			out = isNone
		}
	}
	return text, out, err
}

// toldTrimmed is trimmed for what is kept as text: it tells of the blanks.
func (d *decoder) toldTrimmed(f *field) (string, outcome, error) {
	at := d.pos
	found, out, err := d.scalar(f)
	if err != nil || out != isSet {
		return "", out, err
	}
	text := trimBlanks(found)
	if text == "" {
		return "", isNone, nil
	}
	if text != found {
		d.found(finding{
			severity: contracts.Info, code: CodeBlanksRemoved, pointer: d.pointer(""), at: at,
			message: fmt.Sprintf("The blanks around '%s' were removed", f.name), value: cut(found),
		})
	}
	return text, isSet, nil
}

// warn tells of a value that stays, as found or mended.
func (d *decoder) warn(code string, at int, message, value, hint string) {
	d.found(finding{
		severity: contracts.Warning, code: code, pointer: d.pointer(""), at: at, message: message, value: cut(value), hint: hint,
	})
}

// textOf reads every kind of field that a string holds.
func (d *decoder) textOf(f *field) (string, outcome, error) {
	switch f.kind {
	case KindText, KindHTML:
		return d.scalar(f)
	}
	at := d.pos
	text, out, err := d.toldTrimmed(f)
	if err != nil || out != isSet {
		return "", out, err
	}
	switch f.kind {
	case KindURL:
		text, out = d.url(f, text, at)
	case KindUpload:
		text, out = d.upload(f, text, at)
	case KindIdentifier:
		if !isIdentifier(text) {
			d.warn(CodeInvalidIdentifier, at, fmt.Sprintf("'%s' cannot be part of an address; another one is made", f.name), text,
				"Write 1 to 64 letters, digits, hyphens and underscores, not digits alone")
			return "", isBad, nil
		}
	case KindEmail:
		if !isEmail(text) {
			d.invalid(f, CodeInvalidEmail, at, fmt.Sprintf("'%s' is not an e-mail address", f.name), text)
			return "", isBad, nil
		}
	case KindColor:
		text, out = d.color(f, text, at)
	case KindLength:
		// Kept as found: what cannot be read may still be shown.
		if _, ok := ParseLength(text); !ok {
			d.warn(CodeInvalidLength, at, fmt.Sprintf("'%s' is not a length of time", f.name), text, "Write it as HH:MM")
		}
	case KindZone:
		text = d.zone(f, text, at)
	case KindLanguage:
		text = d.language(f, text, at)
	case KindEventState:
		text = d.choice(f, eventStates, text, at)
	case KindState:
		text = d.choice(f, sessionStates, text, at)
	case KindPrivacy:
		text = d.choice(f, privacies, text, at)
	case KindEnum:
		if word, ok := choose(listed[f.name], text); ok {
			text = word
		}
	}
	return text, out, nil
}

// color keeps a colour of CSS; digits alone get the "#" before them.
func (d *decoder) color(f *field, text string, at int) (string, outcome) {
	color, ok := cssColor(text)
	switch {
	case !ok:
		d.warn(CodeInvalidColor, at, fmt.Sprintf("'%s' is not a colour", f.name), text, "Write it as #RRGGBB")
		return "", isBad
	case color != text:
		d.warn(CodeColorCorrected, at, fmt.Sprintf("'%s' has no '#'; it was put before it", f.name), text, "Write it as #RRGGBB")
	}
	return color, isSet
}

// zone gives the IANA name of a zone, "UTC" where nobody could tell which it is.
func (d *decoder) zone(f *field, text string, at int) string {
	const hint = "Write an IANA name such as Europe/Berlin"
	name, ok := zoneName(text)
	switch {
	case !ok:
		d.warn(CodeUnknownZone, at, fmt.Sprintf("The time zone '%s' is not known; UTC is used", cut(text)), text, hint)
		return "UTC"
	case !strings.EqualFold(name, text):
		d.warn(CodeTimezoneCorrected, at, fmt.Sprintf("'%s' is read as %s", f.name, name), text, hint)
	}
	return name
}

// language gives the English name of a language.
func (d *decoder) language(f *field, text string, at int) string {
	name, ok := languageName(text)
	if !ok {
		d.warn(CodeUnknownValue, at, fmt.Sprintf("'%s' is not a language; it is kept as found", f.name), text,
			"Write the English name of one language, such as German")
		return text
	}
	return name
}

// choice gives one of the words that a field may have. Another one is kept.
func (d *decoder) choice(f *field, words []string, text string, at int) string {
	word, ok := choose(words, text)
	if !ok {
		d.warn(CodeUnknownValue, at, fmt.Sprintf("'%s' is none of the values that are known; it is kept as found", f.name), text,
			"Write one of "+strings.Join(words, ", "))
		return text
	}
	return word
}

// upload keeps an address of the web, or the path of a file in the archive.
func (d *decoder) upload(f *field, text string, at int) (string, outcome) {
	switch {
	case isWebURL(text):
		return text, isSet
	case strings.HasPrefix(text, "//") && beginsWithHost(text[len("//"):]), strings.HasPrefix(strings.ToLower(text), "www.") && beginsWithHost(text) && strings.Contains(text, "/"):
		return d.url(f, text, at)
	case scheme(text) == "":
		if path, ok := mediaPath(text); ok && scheme(path) == "" {
			if path != text {
				d.warn(CodeMediaName, at, fmt.Sprintf("'%s' is read as %s", f.name, cut(path)), text, "Write the path of the file from the root of the archive on, with slashes")
			}
			return path, isSet
		}
	}
	d.invalid(f, CodeInvalidURL, at, fmt.Sprintf("'%s' is neither a file of the archive nor an address of the web", f.name), text)
	return "", isBad
}

// url keeps an address of the web; one that begins with a host gets the scheme
// that is missing.
func (d *decoder) url(f *field, text string, at int) (string, outcome) {
	if isWebURL(text) {
		return text, isSet
	}
	missing, host := "http://", text
	if rest, ok := strings.CutPrefix(text, "//"); ok {
		missing, host = "https://", rest
	}
	switch {
	case beginsWithHost(host) && isWebURL(missing+host):
		d.warn(CodeURLWithoutScheme, at, fmt.Sprintf("'%s' has no scheme; %s was put before it", f.name, missing), text, "")
		return missing + host, isSet
	case isWeb(text):
		// Two addresses in one field, or a blank too many: no program can follow
		// it, but a person can.
		d.warn(CodeInvalidURL, at, fmt.Sprintf("'%s' is not one address of the web; it is kept as found", f.name), text, "")
		return text, isSet
	default:
		d.invalid(f, CodeInvalidURL, at, fmt.Sprintf("'%s' is not an address of the web", f.name), text)
		return "", isBad
	}
}

// degrees are how far the numbers of these fields go, in both directions.
var degrees = map[string]float64{"latitude": 90, "longitude": 180}

// number reads a number, also one in quotes.
func (d *decoder) number(f *field) (*float64, outcome, error) {
	at := d.pos
	text, out, err := d.trimmed(f)
	if err != nil || out != isSet {
		return nil, out, err
	}
	v, comma, ok := anyNumber(text)
	most, limited := degrees[f.name]
	switch {
	case !ok:
		d.invalid(f, CodeInvalidNumber, at, fmt.Sprintf("'%s' is not a number", f.name), text)
		return nil, isBad, nil
	case limited && math.Abs(v) > most:
		d.invalid(f, CodeInvalidNumber, at, fmt.Sprintf("'%s' is not between -%v and %v", f.name, most, most), text)
		return nil, isBad, nil
	case comma:
		d.warn(CodeNumberCorrected, at, fmt.Sprintf("'%s' has a comma; it is read as %v", f.name, v), text, "Write a point before the decimals")
	}
	return &v, isSet, nil
}

// anyNumber reads a number, and tells whether a comma stood before its decimals.
func anyNumber(text string) (v float64, comma, ok bool) {
	if whole, decimals, found := strings.Cut(text, ","); found && isNumber(decimals) {
		text, comma = whole+"."+decimals, true
	}
	text = strings.TrimPrefix(text, "+")
	v, err := strconv.ParseFloat(text, 64)
	return v, comma, err == nil && isJSONNumber(text)
}

// integer reads a whole number, also one in quotes or written as 3.0.
func (d *decoder) integer(f *field) (*int64, outcome, error) {
	at := d.pos
	text, out, err := d.trimmed(f)
	if err != nil || out != isSet {
		return nil, out, err
	}
	v, ok := wholeNumber(text)
	if !ok {
		d.invalid(f, CodeInvalidNumber, at, fmt.Sprintf("'%s' is not a whole number", f.name), text)
		return nil, isBad, nil
	}
	return &v, isSet, nil
}

func wholeNumber(text string) (int64, bool) {
	if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		return v, true
	}
	const exact = 1 << 53 // beyond it not every whole number is a float64
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !isJSONNumber(text) || v != math.Trunc(v) || math.Abs(v) > exact {
		return 0, false
	}
	return int64(v), true
}

// boolean reads true and false, also as words in quotes and as 1 and 0.
func (d *decoder) boolean(f *field) (*bool, outcome, error) {
	at := d.pos
	text, out, err := d.trimmed(f)
	if err != nil || out != isSet {
		return nil, out, err
	}
	v, ok := truth(text)
	if !ok {
		d.invalid(f, CodeWrongType, at, fmt.Sprintf("'%s' is neither true nor false", f.name), text)
		return nil, isBad, nil
	}
	return &v, isSet, nil
}

func truth(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "true", "1", "1.0", "yes", "on":
		return true, true
	case "false", "0", "0.0", "no", "off":
		return false, true
	default:
		return false, false
	}
}

// time reads a point in time.
func (d *decoder) time(f *field) (Time, outcome, error) {
	const form = "YYYY-MM-DDTHH:MM:SS"
	at := d.pos
	text, out, err := d.toldTrimmed(f)
	if err != nil || out != isSet {
		return Time{}, out, err
	}
	t, corrected, ok := ParseTime(text)
	if !ok {
		d.invalid(f, CodeInvalidTime, at, fmt.Sprintf("'%s' is not a time in the form %s", f.name, form), text)
		return Time{}, isBad, nil
	}
	if corrected {
		d.warn(CodeTimeCorrected, at, fmt.Sprintf("'%s' is read as %s", f.name, t), text, "Write it as "+form)
	}
	return t, isSet, nil
}

// maxID is how long an id may be, in bytes: it is repeated in every issue about
// its record, and indexed, for which PostgreSQL takes 2,700 at most.
const maxID = contracts.MaxIssueValue

// id reads an id as text: 3, 3.0 and "3" are the same. In quotes it is what it
// says: "1e2" is a name like any other, and not 100.
func (d *decoder) id(f *field) (string, outcome, error) {
	quoted, at := d.peek() == '"', d.pos
	text, out, err := d.trimmed(f)
	if err != nil || out != isSet {
		return "", out, err
	}
	if len(text) > maxID {
		d.invalid(f, CodeWrongType, at, fmt.Sprintf("The id in '%s' is longer than %d bytes", f.name, maxID), text)
		return "", isBad, nil
	}
	if !quoted && strings.ContainsAny(text, ".eE") {
		if v, ok := wholeNumber(text); ok {
			text = strconv.FormatInt(v, 10)
		}
	}
	return text, isSet, nil
}
