package edit

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // the zones that an event may be put into, also where the system has none

	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/services/event/internal/core"
)

// attribute is one thing about an event that may be changed.
type attribute struct {
	// column is where it is stored; its name outside is the same in kebab-case.
	column string
	// required attributes cannot be emptied.
	required bool
	// parse reads a JSON value that is not null; its error is for the client.
	parse func(json.RawMessage) (any, error)
}

func (a attribute) name() string { return strings.ReplaceAll(a.column, "_", "-") }

// The lengths that texts may have, in bytes. An HTML text may be a long one.
const (
	maxText = 4 << 10
	maxHTML = 1 << 20
)

// stateColumn is the state, of which is remembered that people have set it: it is not what the
// archive said, which stands beside it.
const stateColumn = "state"

// attributes are all that may be changed. What is not among them belongs to
// the import: ids, versions, media, and what the archive says of its state.
var attributes = []attribute{
	{column: "name", required: true, parse: text(maxText)},
	{column: stateColumn, required: true, parse: oneOf(core.Draft, core.Published)},
	{column: "starts_at", required: true, parse: instant},
	{column: "ends_at", required: true, parse: instant},
	{column: "timezone", required: true, parse: zone},
	{column: "latitude", parse: number(-90, 90)},
	{column: "longitude", parse: number(-180, 180)},
	{column: "location_name", parse: text(maxText)},
	{column: "searchable_location_name", parse: text(maxText)},
	{column: "description", parse: html},
	{column: "organizer_name", parse: text(maxText)},
	{column: "organizer_description", parse: html},
	{column: "code_of_conduct", parse: html},
	{column: "external_event_url", parse: webURL},
	{column: "ticket_url", parse: webURL},
	{column: "email", parse: email},
	{column: "privacy", parse: oneOf("public", "private")},
	{column: "type", parse: word("type")},
	{column: "topic", parse: word("topic")},
	{column: "sub_topic", parse: word("sub_topic")},
	{column: "schedule_published_on", parse: instant},
	{column: "is_sessions_speakers_enabled", parse: truth},
	{column: "copyright_holder", parse: text(maxText)},
	{column: "copyright_holder_url", parse: webURL},
	{column: "copyright_licence", parse: text(maxText)},
	{column: "copyright_licence_url", parse: webURL},
	{column: "copyright_year", parse: year},
	{column: "call_announcement", parse: html},
	{column: "call_starts_at", parse: instant},
	{column: "call_ends_at", parse: instant},
	{column: "call_timezone", parse: zone},
	{column: "call_privacy", parse: oneOf("public", "private")},
}

// names lists what may be changed, for those who asked for something else.
func names() []string {
	all := make([]string, 0, len(attributes))
	for _, a := range attributes {
		all = append(all, a.name())
	}
	slices.Sort(all)
	return all
}

// value reads what an attribute is to become; nil empties it.
func (a attribute) value(raw json.RawMessage) (any, error) {
	if string(raw) == "null" {
		if a.required {
			return nil, errors.New("it cannot be null")
		}
		return nil, nil
	}
	v, err := a.parse(raw)
	if err == nil && v == "" {
		if a.required {
			return nil, errors.New("it cannot be empty")
		}
		return nil, nil // as an archive's empty text is none
	}
	return v, err
}

func text(most int) func(json.RawMessage) (any, error) {
	return func(raw json.RawMessage) (any, error) {
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return nil, errors.New("it must be a string")
		}
		switch {
		case len(s) > most:
			return nil, fmt.Errorf("it is longer than %d bytes", most)
		case !postgres.Storable(s):
			return nil, errors.New("it has a character that no text may have")
		}
		return s, nil
	}
}

// line is a text that is compared or parsed: blanks around it mean nothing.
func line(raw json.RawMessage) (string, error) {
	v, err := text(maxText)(raw)
	if err != nil {
		return "", err
	}
	s, _ := v.(string)
	return strings.TrimSpace(s), nil
}

func oneOf(words ...string) func(json.RawMessage) (any, error) {
	return func(raw json.RawMessage) (any, error) {
		s, err := line(raw)
		if err == nil && !slices.Contains(words, s) {
			err = fmt.Errorf("it must be one of %s", strings.Join(words, ", "))
		}
		return s, err
	}
}

// word is a text that an archive has one of a list for, mostly.
func word(field string) func(json.RawMessage) (any, error) {
	return func(raw json.RawMessage) (any, error) {
		s, err := line(raw)
		return openevent.Word(field, s), err
	}
}

func instant(raw json.RawMessage) (any, error) {
	s, err := line(raw)
	if err != nil || s == "" {
		return s, err
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || !openevent.TakesTime(t) {
		return nil, errors.New("it must be a time with its offset, such as 2031-05-02T09:00:00+02:00")
	}
	return t, nil
}

func zone(raw json.RawMessage) (any, error) {
	s, err := line(raw)
	if err != nil || s == "" {
		return s, err
	}
	if !openevent.TakesZone(s) {
		return nil, errors.New("it must be the name of a time zone, such as Europe/Lisbon")
	}
	return s, nil
}

func webURL(raw json.RawMessage) (any, error) {
	s, err := line(raw)
	if err != nil || s == "" {
		return s, err
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || !slices.Contains([]string{"http", "https", "ftp"}, u.Scheme) {
		return nil, errors.New("it must be an address that begins with https://, http:// or ftp://")
	}
	return s, nil
}

func email(raw json.RawMessage) (any, error) {
	s, err := line(raw)
	if err != nil || s == "" {
		return s, err
	}
	if a, err := mail.ParseAddress(s); err != nil || a.Address != s || !openevent.TakesEmail(s) {
		return nil, errors.New("it must be an e-mail address")
	}
	return s, nil
}

func number(least, most float64) func(json.RawMessage) (any, error) {
	return func(raw json.RawMessage) (any, error) {
		var f float64
		if json.Unmarshal(raw, &f) != nil || f < least || f > most {
			return nil, fmt.Errorf("it must be a number from %v to %v", least, most)
		}
		return f, nil
	}
}

func year(raw json.RawMessage) (any, error) {
	var n int64
	if json.Unmarshal(raw, &n) != nil || n < 0 || n > math.MaxInt16 {
		return nil, errors.New("it must be a year")
	}
	return n, nil
}

func truth(raw json.RawMessage) (any, error) {
	var b bool
	if json.Unmarshal(raw, &b) != nil {
		return nil, errors.New("it must be true or false")
	}
	return b, nil
}
