package openevent_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// refused lists what the first server would say of a record.
func refused[T any](rules *openevent.V1, f openevent.File[T], value T) []string {
	list := []string{}
	openevent.RefusedByV1(rules, f, openevent.Record[T]{Value: value}, func(i contracts.Issue) { list = append(list, i.Code+" "+i.Pointer) })
	return list
}

func TestTheOldServerTakesWhatItWroteItself(t *testing.T) {
	t.Parallel()
	rules := openevent.NewV1(nil)
	event := harbour(t).Value
	event.EndTime = lisbon(t, "2031-05-03T18:00:00")
	event.SocialLinks = event.SocialLinks[:1]
	require.Empty(t, refused(rules, openevent.Events, event))
	require.Empty(t, refused(rules, openevent.Speakers, openevent.Speaker{ID: "7", Name: "Ada", Email: "a@b.example", Organisation: "x", Country: "y", Photo: "/images/x", Website: "http://localhost/x"}))
	require.Empty(t, refused(rules, openevent.Forms, openevent.Form{ID: "1"}))
	require.Empty(t, refused(rules, openevent.SessionTypes, openevent.SessionType{ID: "1", Name: "Talk", Length: "00:30"}))
	require.Empty(t, refused(rules, openevent.Sponsors, openevent.Sponsor{ID: "1", Name: "Lantern Works"}))
	require.Empty(t, refused(rules, openevent.Microlocations, openevent.Microlocation{ID: "1", Name: "Quay Hall", Floor: new(int64(0))}))
}

func TestTheOldServerRefuses(t *testing.T) {
	t.Parallel()
	rules := openevent.NewV1(nil)
	event := func(change func(*openevent.Event)) []string {
		value := harbour(t).Value
		value.EndTime = value.StartTime
		value.SocialLinks = nil
		change(&value)
		return refused(rules, openevent.Events, value)
	}
	session := func(change func(*openevent.Session)) []string {
		value := openevent.Session{ID: "1", Title: "Knots", StartTime: lisbon(t, "2031-05-02T10:00:00"), EndTime: lisbon(t, "2031-05-02T11:00:00")}
		change(&value)
		return refused(rules, openevent.Sessions, value)
	}
	track := func(color string) []string {
		return refused(rules, openevent.Tracks, openevent.Track{ID: "1", Name: "Boats", Color: color})
	}
	for name, c := range map[string]struct{ got, want []string }{
		"an empty event": {refused(rules, openevent.Events, openevent.Event{}), []string{"v1_required /id", "v1_required /name", "v1_required /start_time", "v1_required /end_time"}},
		"offset":         {event(func(e *openevent.Event) { e.StartTime = lisbon(t, "2031-05-02T10:00:00Z") }), []string{"v1_time /start_time"}},
		"fraction":       {event(func(e *openevent.Event) { e.SchedulePublishedOn = lisbon(t, "2031-05-02T10:00:00.5") }), []string{"v1_time /schedule_published_on"}},
		"call's time":    {event(func(e *openevent.Event) { e.CallForPapers.EndDate = lisbon(t, "2031-05-02T10:00:00Z") }), []string{"v1_time /call_for_papers/end_date"}},
		"call's privacy": {event(func(e *openevent.Event) { e.CallForPapers.Privacy = "secret" }), []string{"v1_choice /call_for_papers/privacy"}},
		"state":          {event(func(e *openevent.Event) { e.State = "over" }), []string{"v1_choice /state"}},
		"privacy":        {event(func(e *openevent.Event) { e.Privacy = "x" }), []string{"v1_choice /privacy"}},
		"type":           {event(func(e *openevent.Event) { e.Type = "x" }), []string{"v1_choice /type"}},
		"topic":          {event(func(e *openevent.Event) { e.Topic = "x" }), []string{"v1_choice /topic"}},
		"sub topic":      {event(func(e *openevent.Event) { e.SubTopic = "Jazz" }), []string{"v1_choice /sub_topic"}},
		"of another":     {event(func(e *openevent.Event) { e.Topic, e.SubTopic = "Music", "Jazz" }), []string{}}, // nobody here knows
		"of none":        {event(func(e *openevent.Event) { e.Topic, e.SubTopic = "", "Jazz" }), []string{"v1_choice /sub_topic"}},
		"address":        {event(func(e *openevent.Event) { e.TicketURL = "http://intranet" }), []string{"v1_url /ticket_url"}},
		"picture":        {event(func(e *openevent.Event) { e.Logo = "images/logo.png" }), []string{"v1_url /logo"}},
		"large":          {event(func(e *openevent.Event) { e.Large = "/images/large.png" }), []string{"v1_url /large"}},
		"licence":        {event(func(e *openevent.Event) { e.Copyright.LicenceURL = "http://x" }), []string{"v1_url /copyright/licence_url"}},
		"year":           {event(func(e *openevent.Event) { e.Copyright.Year = new(int64(-1)) }), []string{"v1_number /copyright/year"}},
		"link": {event(func(e *openevent.Event) {
			e.SocialLinks = []openevent.SocialLink{{ID: "1", Name: "a", Link: "http://x"}, {ID: "x"}}
		}), []string{
			"v1_number /social_links/1/id", "v1_required /social_links/1/name", "v1_required /social_links/1/link",
		}},
		"e-mail":          {event(func(e *openevent.Event) { e.Email = "a b@c.example" }), []string{"v1_email /email"}},
		"id":              {session(func(s *openevent.Session) { s.ID = "a" }), []string{"v1_number /0/id"}},
		"session's state": {session(func(s *openevent.Session) { s.State = "confirmed" }), []string{"v1_choice /0/state"}},
		"language":        {session(func(s *openevent.Session) { s.Language = "Klingon" }), []string{"v1_choice /0/language"}},
		"dialect":         {session(func(s *openevent.Session) { s.Language = "German (Austria)" }), []string{"v1_choice /0/language"}},
		"no title":        {session(func(s *openevent.Session) { s.Title = "" }), []string{"v1_required /0/title"}},
		"floor":           {refused(rules, openevent.Microlocations, openevent.Microlocation{ID: "1", Name: "x", Floor: new(int64(-1))}), []string{"v1_number /0/floor"}},
		"speaker":         {refused(rules, openevent.Speakers, openevent.Speaker{ID: "1", Name: "x"}), []string{"v1_required /0/email", "v1_required /0/organisation", "v1_required /0/country"}},
		"no color":        {track(""), []string{"v1_required /0/color"}},
		"short color":     {track("#fff"), []string{}},
		"name of a color": {track("DarkSlateGrey"), []string{}},
		"newer color":     {track("rebeccapurple"), []string{"v1_color /0/color"}},
		"function":        {track("rgb(1,2,3)"), []string{"v1_color /0/color"}},
		"alpha":           {track("#12345678"), []string{"v1_color /0/color"}},
		"columns":         {refused(rules, openevent.Forms, openevent.Form{ID: "1", FieldName: "title"}), []string{"v1_form /0/field_identifier"}},
	} {
		require.Equal(t, c.want, c.got, name)
	}
}

func TestTheFormsSayWhatTheOldServerRequires(t *testing.T) {
	t.Parallel()
	rules := openevent.NewV1([]openevent.FormField{
		{Form: "speaker", Field: "email"},
		{Form: "speaker", Field: "country"},
		{Form: "speaker", Field: "twitter", Required: true},
		{Form: "speaker", Field: "gender", Required: true}, // which it did not know
		{Form: "session", Field: "short_abstract", Required: true},
		{Form: "session", Field: "track", Required: true}, // which it did not look at
		{Form: "attendee", Field: "mobile", Required: true},
	})
	require.Equal(t, []string{"v1_required /0/organisation", "v1_required /0/twitter"}, refused(rules, openevent.Speakers, openevent.Speaker{ID: "1", Name: "Ada"}))
	require.Equal(t, []string{"v1_required /0/short_abstract", "v1_required /0/start_time", "v1_required /0/end_time"}, refused(rules, openevent.Sessions, openevent.Session{ID: "1", Title: "Knots"}))
}

func TestIssuesOfTheOldServerAreLocated(t *testing.T) {
	t.Parallel()
	var issues []contracts.Issue
	record := openevent.Record[openevent.Sponsor]{Index: 12, Value: openevent.Sponsor{ID: "40", Name: "Lantern Works", URL: "https://" + strings.Repeat("x", 300)}}
	openevent.RefusedByV1(openevent.NewV1(nil), openevent.Sponsors, record, func(i contracts.Issue) { issues = append(issues, i) })
	index := 12
	require.Len(t, issues, 1)
	require.LessOrEqual(t, len(issues[0].Value), contracts.MaxIssueValue)
	issues[0].Value = ""
	require.Equal(t, contracts.Issue{
		Severity: contracts.Info, Code: openevent.CodeV1URL, File: "sponsors", Pointer: "/12/url", SourceID: "40", RecordIndex: &index,
		Message: "The old server does not take 'url' for an address of the web",
	}, issues[0])

	list := []string{}
	for i := range 2 {
		openevent.RefusedByV1(openevent.NewV1(nil), openevent.Forms, openevent.Record[openevent.Form]{Index: i, Value: openevent.Form{ID: fmt.Sprint(i)}}, func(i contracts.Issue) { list = append(list, i.Code+" "+i.Pointer) })
	}
	require.Equal(t, []string{"v1_form /1/session_form"}, list)
}
