package openevent

import "time"

// What the reader takes for values of some kinds, for whoever changes an event by other
// ways: what they let through comes back unchanged from an archive.

// TakesEmail tells whether a text is an e-mail address.
func TakesEmail(text string) bool { return isEmail(text) && text == trimBlanks(text) }

// TakesZone tells whether a text is the name of a time zone, and not only one that it can
// be read as.
func TakesZone(text string) bool {
	name, ok := zoneName(text)
	return ok && name == text
}

// TakesTime tells whether an instant can be told in any zone.
func TakesTime(t time.Time) bool { return !t.Before(firstTime) && !t.After(lastTime) }

// Word gives the text of a field of dialect A that is mostly one of a list as the reader
// makes it: without blanks around it, and spelled as in the list.
func Word(field, text string) string {
	text = trimBlanks(text)
	if word, ok := choose(listed[field], text); ok {
		return word
	}
	return text
}
