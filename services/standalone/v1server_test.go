package standalone_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/mazznoer/csscolorparser"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// v1Server takes an archive as the format's first server did, by a table of its own: it
// knows nothing of the packages that write archives. It returns what that server would
// refuse, as "file id field" by its own words.
type v1Server struct {
	files   map[string][]byte
	refused map[string]string
}

// v1Field is a field as the server's validator had it.
type v1Field struct {
	kind     string
	required bool
	// one of these, where there is a list.
	choices []string
}

var (
	v1Types = []string{
		"Appearance or Signing", "Attraction", "Camp, Trip, or Retreat", "Class, Training, or Workshop", "Concert or Performance", "Conference", "Convention",
		"Dinner or Gala", "Festival or Fair", "Game or Competition", "Meeting or Networking Event", "Other", "Party or Social Gathering", "Race or Endurance Event",
		"Rally", "Screening", "Seminar or Talk", "Tour", "Tournament", "Tradeshow, Consumer Show, or Expo",
	}
	v1Topics = []string{
		"Auto, Boat & Air", "Business & Professional", "Charity & Causes", "Community & Culture", "Family & Education", "Fashion & Beauty", "Film, Media & Entertainment",
		"Food & Drink", "Government & Politics", "Health & Wellness", "Hobbies & Special Interest", "Home & Lifestyle", "Music", "Other", "Performing & Visual Arts",
		"Religion & Spirituality", "Science & Technology", "Seasonal & Holiday", "Sports & Fitness", "Travel & Outdoor",
	}
	v1Files = map[string]map[string]v1Field{
		"event": {
			"id": {"int", true, nil}, "identifier": {"text", false, nil}, "name": {"text", true, nil}, "start_time": {"time", true, nil}, "end_time": {"time", true, nil},
			"timezone": {"text", false, nil}, "latitude": {"number", false, nil}, "longitude": {"number", false, nil}, "location_name": {"text", false, nil},
			"searchable_location_name": {"text", false, nil}, "description": {"text", false, nil}, "organizer_name": {"text", false, nil},
			"organizer_description": {"text", false, nil}, "code_of_conduct": {"text", false, nil}, "logo": {"upload", false, nil}, "background_image": {"upload", false, nil},
			"large": {"url", false, nil}, "thumbnail": {"url", false, nil}, "event_url": {"url", false, nil}, "ticket_url": {"url", false, nil}, "email": {"email", false, nil},
			"state": {"text", false, []string{"Draft", "Published", "Completed"}}, "privacy": {"text", false, []string{"public", "private"}},
			"type": {"text", false, v1Types}, "topic": {"text", false, v1Topics}, "schedule_published_on": {"time", false, nil}, "has_session_speakers": {"bool", false, nil},
		},
		"microlocations": {
			"id": {"int", true, nil}, "name": {"text", true, nil}, "latitude": {"number", false, nil}, "longitude": {"number", false, nil}, "floor": {"floor", false, nil}, "room": {"text", false, nil},
		},
		"sponsors": {
			"id": {"int", true, nil}, "name": {"text", true, nil}, "url": {"url", false, nil}, "logo": {"upload", false, nil}, "description": {"text", false, nil},
			"level": {"text", false, nil}, "sponsor_type": {"text", false, nil},
		},
		"speakers": {
			"id": {"int", true, nil}, "name": {"text", true, nil}, "email": {"email", true, nil}, "organisation": {"text", true, nil}, "country": {"text", true, nil},
			"photo": {"upload", false, nil}, "thumbnail": {"upload", false, nil}, "small": {"upload", false, nil}, "icon": {"upload", false, nil}, "short_biography": {"text", false, nil},
			"long_biography": {"text", false, nil}, "speaking_experience": {"text", false, nil}, "sponsorship_required": {"text", false, nil}, "mobile": {"text", false, nil},
			"website": {"url", false, nil}, "twitter": {"text", false, nil}, "facebook": {"text", false, nil}, "github": {"text", false, nil}, "linkedin": {"text", false, nil},
			"position": {"text", false, nil}, "city": {"text", false, nil}, "heard_from": {"text", false, nil},
		},
		"tracks": {
			"id": {"int", true, nil}, "name": {"text", true, nil}, "color": {"color", true, nil}, "description": {"text", false, nil}, "location": {"text", false, nil}, "track_image_url": {"upload", false, nil},
		},
		"session_types": {"id": {"int", true, nil}, "name": {"text", true, nil}, "length": {"text", true, nil}},
		"sessions": {
			"id": {"int", true, nil}, "title": {"text", true, nil}, "subtitle": {"text", false, nil}, "level": {"text", false, nil}, "comments": {"text", false, nil},
			"short_abstract": {"text", false, nil}, "long_abstract": {"text", false, nil}, "start_time": {"time", true, nil}, "end_time": {"time", true, nil},
			"slides": {"upload", false, nil}, "audio": {"upload", false, nil}, "video": {"upload", false, nil}, "signup_url": {"url", false, nil},
			"state": {"text", false, []string{"pending", "accepted", "rejected"}},
		},
	}
	v1URL   = regexp.MustCompile(`^(http|https|ftp)://\S*(\S*\.|localhost/)\S*`)
	v1Email = regexp.MustCompile(`^\S+@\S+\.\S+$`)
)

// take reads the whole archive. What is no such archive at all ends the test.
func (s *v1Server) take(t *testing.T) {
	t.Helper()
	s.refused = make(map[string]string)
	for _, name := range []string{"event", "forms", "microlocations", "sponsors", "speakers", "tracks", "session_types", "sessions", "meta"} {
		require.Contains(t, s.files, name)
	}
	known := make(map[string]map[string]bool) // ids by file
	var forms []struct {
		ID          *int   `json:"id"`
		SessionForm string `json:"session_form"`
		SpeakerForm string `json:"speaker_form"`
	}
	required := make(map[string]bool)
	require.NoError(t, json.Unmarshal(s.files["forms"], &forms))
	require.NotEmpty(t, forms)
	if len(forms) > 1 {
		s.refused["forms"] = "more than one"
	}
	var speakerForm map[string]struct{ Require, Include int }
	if forms[0].SpeakerForm != "" {
		require.NotNil(t, forms[0].ID)
		require.NoError(t, json.Unmarshal([]byte(forms[0].SpeakerForm), &speakerForm))
		require.NoError(t, json.Unmarshal([]byte(forms[0].SessionForm), &map[string]struct{ Require, Include int }{}))
	}
	for field, flags := range speakerForm {
		required[field] = flags.Require == 1
	}
	for _, name := range []string{"event", "microlocations", "sponsors", "speakers", "tracks", "session_types", "sessions"} {
		records := make([]map[string]any, 1)
		if name == "event" {
			require.NoError(t, json.Unmarshal(s.files[name], &records[0]))
		} else {
			require.NoError(t, json.Unmarshal(s.files[name], &records))
		}
		known[name] = make(map[string]bool)
		for _, record := range records {
			id := fmt.Sprint(record["id"])
			require.False(t, known[name][id], "%s: id %s twice", name, id)
			known[name][id] = true
			for field, rule := range v1Files[name] {
				if insisted, said := required[field]; name == "speakers" && said {
					rule.required = insisted
				}
				if wrong := s.validate(rule, record, field); wrong != "" {
					s.refused[name+" "+id+" "+field] = wrong
				}
			}
			s.refer(t, name, record, known)
		}
	}
	s.parts(t)
}

// validate is the rule of one field, and what is wrong in the server's words.
func (s *v1Server) validate(rule v1Field, record map[string]any, field string) string {
	value, there := record[field]
	if rule.kind == "bool" {
		if _, ok := value.(bool); there && !ok {
			return "Validation of '" + field + "' field failed"
		}
		return ""
	}
	if value == nil || value == "" {
		if rule.required {
			return "Required field '" + field + "'. Cannot be null or empty"
		}
		return ""
	}
	text, isText := value.(string)
	number, isNumber := value.(float64)
	switch rule.kind {
	case "int":
		if !isNumber || number != float64(int64(number)) {
			return "'" + field + "' should be a Integer"
		}
		return ""
	case "floor":
		if !isNumber || number < 0 {
			return "'" + field + "' should be a positive Integer"
		}
		return ""
	case "number":
		if !isNumber {
			return "'" + field + "' should be a Number"
		}
		return ""
	}
	if !isText {
		return "'" + field + "' should be a String"
	}
	switch rule.kind {
	case "time":
		if _, err := time.Parse("2006-01-02T15:04:05", text); err != nil || len(text) != len("2006-01-02T15:04:05") {
			return "Incorrect format of datetime used in '" + field + "' field"
		}
	case "url":
		if !v1URL.MatchString(text) {
			return "Invalid Url in '" + field + "'"
		}
	case "upload":
		if !strings.HasPrefix(text, "/") && !v1URL.MatchString(text) {
			return "Invalid Url in '" + field + "'"
		}
	case "email":
		if !v1Email.MatchString(text) {
			return "Invalid Email in '" + field + "'"
		}
	case "color":
		if !regexp.MustCompile(`^#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$`).MatchString(text) {
			if _, err := csscolorparser.Parse(text); err != nil || !regexp.MustCompile(`^[A-Za-z]+$`).MatchString(text) {
				return "Invalid Color in '" + field + "'"
			}
		}
	}
	if rule.choices != nil && !slices.Contains(rule.choices, text) {
		return "Value of '" + field + "' is not in available choices"
	}
	return ""
}

// refer follows what sessions refer to: an id that is not there failed the whole import.
func (s *v1Server) refer(t *testing.T, name string, record map[string]any, known map[string]map[string]bool) {
	t.Helper()
	if name != "sessions" {
		return
	}
	for field, file := range map[string]string{"track": "tracks", "microlocation": "microlocations", "session_type": "session_types"} {
		if ref, ok := record[field].(map[string]any); ok {
			require.True(t, known[file][fmt.Sprint(ref["id"])], "%s of session %v", field, record["id"])
		} else {
			require.Nil(t, record[field])
		}
	}
	speakers, ok := record["speakers"].([]any)
	require.True(t, ok)
	for _, speaker := range speakers {
		ref, ok := speaker.(map[string]any)
		require.True(t, ok)
		require.True(t, known["speakers"][fmt.Sprint(ref["id"])])
	}
}

// parts looks at what is nested in the event.
func (s *v1Server) parts(t *testing.T) {
	t.Helper()
	var event struct {
		ID          int
		SocialLinks []struct {
			ID         *int
			Name, Link *string
		} `json:"social_links"`
		Copyright *struct{ Year *int }
		Call      *struct {
			StartDate *string `json:"start_date"`
			EndDate   *string `json:"end_date"`
		} `json:"call_for_papers"`
		Version map[string]*int
	}
	require.NoError(t, json.Unmarshal(s.files["event"], &event))
	id := strconv.Itoa(event.ID)
	for n, link := range event.SocialLinks {
		require.NotNil(t, link.ID)
		for field, value := range map[string]*string{"name": link.Name, "link": link.Link} {
			if value == nil || *value == "" {
				s.refused[fmt.Sprintf("event %s social_links/%d/%s", id, n, field)] = "Required field '" + field + "'. Cannot be null or empty"
			}
		}
	}
	if event.Call == nil {
		return
	}
	for field, value := range map[string]*string{"start_date": event.Call.StartDate, "end_date": event.Call.EndDate} {
		if value == nil {
			continue
		}
		if _, err := time.Parse("2006-01-02T15:04:05", *value); err != nil || len(*value) != len("2006-01-02T15:04:05") {
			s.refused["event "+id+" call_for_papers/"+field] = "Incorrect format of datetime used in '" + field + "' field"
		}
	}
}

// requireRefusalsTold holds what the first server would refuse of an exported archive
// against what its export has told of it: nothing more, nothing less.
func (c checking) requireRefusalsTold(t *testing.T, archive []byte) {
	t.Helper()
	_, event := c.imported(t, archive, "mode=lenient")
	id := c.export(t, event.ID, "", "")
	result := c.succeeded(t, id)
	server := &v1Server{files: entries(t, c.archiveOf(t, id, result))}
	server.take(t)
	told := make(map[string]bool)
	for _, issue := range pages[contracts.Issue](t, c.api, "/v1/imports/"+id+"/issues") {
		if !strings.HasPrefix(issue.Code, "v1_") {
			continue
		}
		field := strings.TrimPrefix(issue.Pointer, "/")
		if issue.File != "event" {
			_, field, _ = strings.Cut(field, "/") // behind the place of the record
		}
		key := issue.File + " " + issue.SourceID + " " + field
		if issue.File == "forms" {
			key = "forms"
		}
		told[key] = true
		if field == "language" || field == "sub_topic" || field == "icon" { // of which the server's own lists are not known here
			continue
		}
		require.Contains(t, server.refused, key, "%+v", issue)
	}
	for key, wrong := range server.refused {
		require.True(t, told[key], "%s: %s is not told", key, wrong)
	}
	require.LessOrEqual(t, len(result.FirstRefused), contracts.MaxIssuesInMessage)
	require.GreaterOrEqual(t, result.RefusedByV1, len(told))
	require.Len(t, result.FirstRefused, min(result.RefusedByV1, contracts.MaxIssuesInMessage))
}

func TestWhatTheFirstServerWouldRefuseOfAnExportIsTold(t *testing.T) {
	t.Parallel()
	c := newChecking(t)
	for name, archive := range map[string][]byte{
		"made up":    made(t, 40, 20, 1),
		"many kinds": zipped(t, manyKinds()),
		"much of it": zipped(t, map[string]string{
			"event": `{"id":1,"name":"Lantern Days","timezone":"Europe/Berlin","start_time":"2031-10-26T02:30:00+01:00","end_time":"2031-10-26T09:00:00","type":"Gathering","topic":"Ropes",
				"state":"draft","call_for_papers":{"start_date":"2031-10-26T02:30:00+01:00"}}`,
			"forms":          `[{"id":1,"speaker_form":"{\"email\":{\"require\":0,\"include\":1},\"city\":{\"require\":1,\"include\":1}}"},{"id":2,"form":"attendee","field_identifier":"age","type":"number"}]`,
			"microlocations": `[{"id":1,"name":"Cellar","floor":-1}]`,
			"speakers":       `[{"id":1,"name":"Ada Quill"},{"id":2,"name":"Ben","organisation":"Ropes","country":"Norway","city":"Oslo","website":"https://ben.example"}]`,
			"tracks":         `[{"id":1,"name":"Boats","color":"rgb(1, 2, 3)"},{"id":2,"name":"Ropes"}]`,
			"session_types":  `[{"id":1,"name":"Talk"}]`,
			"sessions":       `[{"id":1,"title":"Knots","state":"confirmed"},{"id":2,"title":"Wicks","start_time":"2031-10-26T10:00:00.5","end_time":"2031-10-26T11:00:00","track":1,"speakers":[1,2]}]`,
			"sponsors":       `[]`,
		}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.requireRefusalsTold(t, archive)
		})
	}
}
