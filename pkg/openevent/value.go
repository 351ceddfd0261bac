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

// textOf reads every kind of field that a string holds.
func (d *decoder) textOf(f *field) (string, outcome, error) {
	switch f.kind {
	case KindText, KindHTML:
		return d.scalar(f)
	}
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
		d.findings = append(d.findings, finding{
			severity: contracts.Info, code: CodeBlanksRemoved, pointer: d.pointer(""), at: at,
			message: fmt.Sprintf("The blanks around '%s' were removed", f.name), value: cut(found),
		})
	}
	code, message := "", ""
	switch f.kind {
	case KindURL:
		return d.url(f, text, at)
	case KindUpload:
		if s := scheme(text); s != "" && !isWebURL(text) {
			code, message = CodeInvalidURL, "'%s' is neither a file of the archive nor an address of the web"
		}
	case KindIdentifier:
		if !isIdentifier(text) {
			d.findings = append(d.findings, finding{
				severity: contracts.Warning, code: CodeInvalidIdentifier, pointer: d.pointer(""), at: at,
				message: fmt.Sprintf("'%s' cannot be part of an address; another one is made", f.name), value: cut(text),
				hint: "Write 1 to 64 letters, digits, hyphens and underscores, not digits alone",
			})
			return "", isBad, nil
		}
	case KindEmail:
		if !isEmail(text) {
			code, message = CodeInvalidEmail, "'%s' is not an e-mail address"
		}
	case KindColor:
		if !isColor(text) {
			d.findings = append(d.findings, finding{
				severity: contracts.Warning, code: CodeInvalidColor, pointer: d.pointer(""), at: at,
				message: fmt.Sprintf("'%s' is not a colour", f.name), value: cut(text), hint: "Write it as #RRGGBB",
			})
			return "", isBad, nil
		}
	case KindLength:
		// Kept as found: what cannot be read may still be shown.
		if _, ok := ParseLength(text); !ok {
			d.findings = append(d.findings, finding{
				severity: contracts.Warning, code: CodeInvalidLength, pointer: d.pointer(""), at: at,
				message: fmt.Sprintf("'%s' is not a length of time", f.name), value: cut(text), hint: "Write it as HH:MM",
			})
		}
	case KindZone:
		if _, ok := loadZone(text); !ok {
			d.findings = append(d.findings, finding{
				severity: contracts.Warning, code: CodeUnknownZone, pointer: d.pointer(""), at: at,
				message: fmt.Sprintf("The time zone '%s' is not known; UTC is used", cut(text)), value: cut(text), hint: "Write an IANA name such as Europe/Berlin",
			})
			return "UTC", isSet, nil
		}
	}
	if code != "" {
		d.invalid(f, code, at, fmt.Sprintf(message, f.name), text)
		return "", isBad, nil
	}
	return text, isSet, nil
}

// url keeps an address of the web; one that begins with a host gets the scheme
// that is missing.
func (d *decoder) url(f *field, text string, at int) (string, outcome, error) {
	switch {
	case isWebURL(text):
		return text, isSet, nil
	case beginsWithHost(text) && isWebURL("http://"+text):
		d.findings = append(d.findings, finding{
			severity: contracts.Warning, code: CodeURLWithoutScheme, pointer: d.pointer(""), at: at,
			message: fmt.Sprintf("'%s' has no scheme; http:// was put before it", f.name), value: cut(text),
		})
		return "http://" + text, isSet, nil
	case isWeb(text):
		// Two addresses in one field, or a blank too many: no program can follow
		// it, but a person can.
		d.findings = append(d.findings, finding{
			severity: contracts.Warning, code: CodeInvalidURL, pointer: d.pointer(""), at: at,
			message: fmt.Sprintf("'%s' is not one address of the web; it is kept as found", f.name), value: cut(text),
		})
		return text, isSet, nil
	default:
		d.invalid(f, CodeInvalidURL, at, fmt.Sprintf("'%s' is not an address of the web", f.name), text)
		return "", isBad, nil
	}
}

// number reads a number, also one in quotes.
func (d *decoder) number(f *field) (*float64, outcome, error) {
	at := d.pos
	text, out, err := d.trimmed(f)
	if err != nil || out != isSet {
		return nil, out, err
	}
	v, ok := anyNumber(text)
	if !ok {
		d.invalid(f, CodeInvalidNumber, at, fmt.Sprintf("'%s' is not a number", f.name), text)
		return nil, isBad, nil
	}
	return &v, isSet, nil
}

func anyNumber(text string) (float64, bool) {
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && isJSONNumber(strings.TrimPrefix(text, "+"))
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
	case "true", "1":
		return true, true
	case "false", "0":
		return false, true
	default:
		return false, false
	}
}

// time reads a point in time.
func (d *decoder) time(f *field) (Time, outcome, error) {
	at := d.pos
	text, out, err := d.trimmed(f)
	if err != nil || out != isSet {
		return Time{}, out, err
	}
	t, ok := ParseTime(text)
	if !ok {
		d.invalid(f, CodeInvalidTime, at, fmt.Sprintf("'%s' is not a time in the form YYYY-MM-DDTHH:MM:SS", f.name), text)
		return Time{}, isBad, nil
	}
	return t, isSet, nil
}

// id reads an id as text: 3, 3.0 and "3" are the same. In quotes it is what it
// says: "1e2" is a name like any other, and not 100.
func (d *decoder) id(f *field) (string, outcome, error) {
	quoted := d.peek() == '"'
	text, out, err := d.trimmed(f)
	if err != nil || out != isSet {
		return "", out, err
	}
	if !quoted && strings.ContainsAny(text, ".eE") {
		if v, ok := wholeNumber(text); ok {
			text = strconv.FormatInt(v, 10)
		}
	}
	return text, isSet, nil
}
