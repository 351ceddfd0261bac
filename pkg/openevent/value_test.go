package openevent_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// eventWith reads the event with one more key.
func eventWith(t *testing.T, key, value string) (openevent.Event, []contracts.Issue) {
	t.Helper()
	a := open(t, item{"event", strings.TrimSuffix(smallEvent, "}") + fmt.Sprintf(",%q:%s}", key, value)})
	records, issues := readAll(t, a, openevent.Events)
	require.Len(t, records, 1)
	rest := []contracts.Issue{}
	for _, i := range issues {
		if i.Code != openevent.CodeDuplicateKey {
			require.Equal(t, "/"+key, strings.TrimSuffix(i.Pointer, "/year"))
			rest = append(rest, i)
		}
	}
	return records[0].Value, rest
}

func TestValuesAreReadByTheirKind(t *testing.T) {
	t.Parallel()
	deref := func(p any) any {
		switch p := p.(type) {
		case *float64:
			if p != nil {
				return *p
			}
		case *int64:
			if p != nil {
				return *p
			}
		case *bool:
			if p != nil {
				return *p
			}
		}
		return nil
	}
	text := func(e openevent.Event) any { return e.OrganizerName }
	number := func(e openevent.Event) any { return deref(e.Latitude) }
	longitude := func(e openevent.Event) any { return deref(e.Longitude) }
	year := func(e openevent.Event) any { return deref(e.Copyright.Year) }
	boolean := func(e openevent.Event) any { return deref(e.HasSessionSpeakers) }
	url := func(e openevent.Event) any { return e.TicketURL }
	email := func(e openevent.Event) any { return e.Email }
	upload := func(e openevent.Event) any { return e.Logo }
	zone := func(e openevent.Event) any { return e.Timezone }
	published := func(e openevent.Event) any { return e.SchedulePublishedOn.String() }
	id := func(e openevent.Event) any { return e.ID }
	state := func(e openevent.Event) any { return e.State }
	privacy := func(e openevent.Event) any { return e.Privacy }
	kind := func(e openevent.Event) any { return e.Type }
	topic := func(e openevent.Event) any { return e.Topic }
	subTopic := func(e openevent.Event) any { return e.SubTopic }
	identifier := func(e openevent.Event) any { return e.Identifier }
	for _, c := range []struct {
		key, value string
		get        func(openevent.Event) any
		want       any
		code       string
	}{
		{"organizer_name", `"Quay"`, text, "Quay", ""},
		{"organizer_name", `""`, text, "", ""},
		{"organizer_name", `null`, text, "", ""},
		{"organizer_name", `" Quay\tÄ\u00e4\ud83d\ude00\/ "`, text, " Quay\tÄä😀/ ", ""},
		{"organizer_name", `"第一 会場"`, text, "第一 会場", ""},
		{"organizer_name", `7`, text, "7", ""},
		{"organizer_name", `true`, text, "true", ""},
		{"organizer_name", `{}`, text, "", ""},
		{"organizer_name", `["a"]`, text, "", openevent.CodeWrongType},
		{"organizer_name", `"a\u0000b"`, text, "ab", openevent.CodeNULRemoved},
		{"organizer_name", "\"a\xffb\"", text, "a\uFFFDb", openevent.CodeInvalidUTF8},
		{"organizer_name", `"a\ud800b"`, text, "a\uFFFDb", openevent.CodeInvalidUTF8},
		{"organizer_name", `"a\ud800\u0041"`, text, "a\uFFFDA", openevent.CodeInvalidUTF8},
		{"latitude", `1.5`, number, 1.5, ""},
		{"latitude", `-1e1`, number, -10.0, ""},
		{"latitude", `" 1.5 "`, number, 1.5, ""},
		{"latitude", `""`, number, nil, ""},
		{"latitude", `null`, number, nil, ""},
		{"latitude", `"NaN"`, number, nil, openevent.CodeInvalidNumber},
		{"latitude", `"0x1p4"`, number, nil, openevent.CodeInvalidNumber},
		{"latitude", `1e999`, number, nil, openevent.CodeInvalidNumber},
		{"latitude", `"1,346"`, number, 1.346, openevent.CodeNumberCorrected},
		{"latitude", `"+1.5"`, number, 1.5, ""},
		{"latitude", `"1.346,5"`, number, nil, openevent.CodeInvalidNumber},
		{"latitude", `"1,346,5"`, number, nil, openevent.CodeInvalidNumber},
		{"latitude", `"1,"`, number, nil, openevent.CodeInvalidNumber},
		{"latitude", `"Infinity"`, number, nil, openevent.CodeInvalidNumber},
		{"latitude", `-90`, number, -90.0, ""},
		{"latitude", `90.01`, number, nil, openevent.CodeInvalidNumber},
		{"longitude", `"-179,5"`, longitude, -179.5, openevent.CodeNumberCorrected},
		{"longitude", `-181`, longitude, nil, openevent.CodeInvalidNumber},
		{"latitude", `true`, number, nil, openevent.CodeInvalidNumber},
		{"latitude", `{"a":1}`, number, nil, openevent.CodeWrongType},
		{"copyright", `{"year":2031}`, year, int64(2031), ""},
		{"copyright", `{"year":"2031"}`, year, int64(2031), ""},
		{"copyright", `{"year":2031.0}`, year, int64(2031), ""},
		{"copyright", `{"year":null}`, year, nil, ""},
		{"copyright", `{"year":2031.5}`, year, nil, openevent.CodeInvalidNumber},
		{"copyright", `{"year":9223372036854775807}`, year, int64(math.MaxInt64), ""},
		{"copyright", `{"year":9223372036854775808}`, year, nil, openevent.CodeInvalidNumber},
		{"copyright", `{"year":"NaN"}`, year, nil, openevent.CodeInvalidNumber},
		{"copyright", `{"year":99999999999999999999}`, year, nil, openevent.CodeInvalidNumber},
		{"has_session_speakers", `true`, boolean, true, ""},
		{"has_session_speakers", `0`, boolean, false, ""},
		{"has_session_speakers", `"True"`, boolean, true, ""},
		{"has_session_speakers", `"YES"`, boolean, true, ""},
		{"has_session_speakers", `"no"`, boolean, false, ""},
		{"has_session_speakers", `"On"`, boolean, true, ""},
		{"has_session_speakers", `" off "`, boolean, false, ""},
		{"has_session_speakers", `1.0`, boolean, true, ""},
		{"has_session_speakers", `""`, boolean, nil, ""},
		{"has_session_speakers", `"perhaps"`, boolean, nil, openevent.CodeWrongType},
		{"has_session_speakers", `2`, boolean, nil, openevent.CodeWrongType},
		{"ticket_url", `" https://a.example/x?y=1#z "`, url, "https://a.example/x?y=1#z", openevent.CodeBlanksRemoved},
		{"email", "\"info@a.example\\n\"", email, "info@a.example", openevent.CodeBlanksRemoved},
		{"logo", `"/images/logo.png "`, upload, "/images/logo.png", openevent.CodeBlanksRemoved},
		{"ticket_url", `"www.a.example/x"`, url, "http://www.a.example/x", openevent.CodeURLWithoutScheme},
		{"ticket_url", `"a.example:8080"`, url, "http://a.example:8080", openevent.CodeURLWithoutScheme},
		{"ticket_url", `"//a.example/x"`, url, "https://a.example/x", openevent.CodeURLWithoutScheme},
		{"ticket_url", `"http:://a.example"`, url, "", openevent.CodeInvalidURL},
		{"ticket_url", `"//x"`, url, "", openevent.CodeInvalidURL},
		{"ticket_url", `"/x"`, url, "", openevent.CodeInvalidURL},
		{"ticket_url", `"https:// a.example, b.example"`, url, "https:// a.example, b.example", openevent.CodeInvalidURL},
		{"ticket_url", `"https://"`, url, "", openevent.CodeInvalidURL},
		{"ticket_url", `"javascript:alert(1)"`, url, "", openevent.CodeInvalidURL},
		{"ticket_url", `"at the door"`, url, "", openevent.CodeInvalidURL},
		{"email", `"info@a.example"`, email, "info@a.example", ""},
		{"email", `"info at a.example"`, email, "", openevent.CodeInvalidEmail},
		{"email", `"@a.example"`, email, "", openevent.CodeInvalidEmail},
		{"email", `"a@b.example,c@d.example"`, email, "", openevent.CodeInvalidEmail},
		{"email", `"a@b..example"`, email, "", openevent.CodeInvalidEmail},
		{"email", `"a@.example"`, email, "", openevent.CodeInvalidEmail},
		{"email", `"a\u00a0b@c.example"`, email, "", openevent.CodeInvalidEmail},
		{"email", `"ä@ü.example"`, email, "ä@ü.example", ""},
		{"email", `"a@example"`, email, "", openevent.CodeInvalidEmail},
		{"logo", `"/images/logo.png"`, upload, "/images/logo.png", ""},
		{"logo", `"images/logo.png"`, upload, "images/logo.png", ""},
		{"logo", `"https://a.example/logo.png"`, upload, "https://a.example/logo.png", ""},
		{"logo", `"images\\logo.png"`, upload, "images/logo.png", openevent.CodeMediaName},
		{"logo", `"./images/logo.png"`, upload, "images/logo.png", openevent.CodeMediaName},
		{"logo", `"/images//a/../logo.png"`, upload, "/images/logo.png", openevent.CodeMediaName},
		{"logo", `"//a.example/logo.png"`, upload, "https://a.example/logo.png", openevent.CodeURLWithoutScheme},
		{"logo", `"www.a.example/logo.png"`, upload, "http://www.a.example/logo.png", openevent.CodeURLWithoutScheme},
		{"logo", `"../../etc/passwd"`, upload, "", openevent.CodeInvalidURL},
		{"logo", `"/images/../../etc/passwd"`, upload, "", openevent.CodeInvalidURL},
		{"logo", `"..\\secret"`, upload, "", openevent.CodeInvalidURL},
		{"logo", `"logo /"`, upload, "", openevent.CodeInvalidURL},
		{"logo", `"/"`, upload, "", openevent.CodeInvalidURL},
		{"logo", `"C:\\logo.png"`, upload, "", openevent.CodeInvalidURL},
		{"logo", `"data:image/png;base64,AAAA"`, upload, "", openevent.CodeInvalidURL},
		{"logo", `"file:///etc/passwd"`, upload, "", openevent.CodeInvalidURL},
		{"timezone", `"Asia/Singapore"`, zone, "Asia/Singapore", ""},
		{"timezone", `null`, zone, "UTC", ""},
		{"timezone", `"Asia/Vietnum"`, zone, "Asia/Ho_Chi_Minh", openevent.CodeTimezoneCorrected},
		{"timezone", `"UTC+07:00"`, zone, "Etc/GMT-7", openevent.CodeTimezoneCorrected},
		{"timezone", `"asia/singapore"`, zone, "Asia/Singapore", ""},
		{"timezone", `"Etc/GMT+5"`, zone, "Etc/GMT+5", ""},
		{"timezone", `"Atlantis"`, zone, "UTC", openevent.CodeUnknownZone},
		{"timezone", `"Local"`, zone, "UTC", openevent.CodeUnknownZone},
		{"timezone", `"../zone"`, zone, "UTC", openevent.CodeUnknownZone},
		{"schedule_published_on", `"2031-05-02T10:00:00"`, published, "2031-05-02T10:00:00", ""},
		{"schedule_published_on", `"2031-05-02T10:00:00 "`, published, "2031-05-02T10:00:00", openevent.CodeBlanksRemoved},
		{"schedule_published_on", `"2031-05-02T017:00:00"`, published, "2031-05-02T17:00:00", openevent.CodeTimeCorrected},
		{"schedule_published_on", `"2031-05-02"`, published, "2031-05-02T00:00:00", openevent.CodeTimeCorrected},
		{"schedule_published_on", `"02/05/2031"`, published, "", openevent.CodeInvalidTime},
		{"schedule_published_on", `2031`, published, "", openevent.CodeInvalidTime},
		{"schedule_published_on", `"soon"`, published, "", openevent.CodeInvalidTime},
		{"schedule_published_on", `1234`, published, "", openevent.CodeInvalidTime},
		{"id", `"3"`, id, "3", ""},
		{"id", `3.0`, id, "3", ""},
		{"id", `" x9 "`, id, "x9", ""},
		{"id", `3e2`, id, "300", ""},
		{"id", `"3e2"`, id, "3e2", ""},
		{"id", `"3.0"`, id, "3.0", ""},
		{"identifier", `"b548bcfc"`, identifier, "b548bcfc", ""},
		{"identifier", `"Lantern-Days_2031"`, identifier, "Lantern-Days_2031", ""},
		{"identifier", `"12345678"`, identifier, "12345678", ""},
		{"identifier", `12345678`, identifier, "12345678", ""},
		{"identifier", `null`, identifier, "", ""},
		{"identifier", `"275"`, identifier, "", openevent.CodeInvalidIdentifier},
		{"identifier", `"a/b"`, identifier, "", openevent.CodeInvalidIdentifier},
		{"identifier", `".."`, identifier, "", openevent.CodeInvalidIdentifier},
		{"identifier", `"-a"`, identifier, "", openevent.CodeInvalidIdentifier},
		{"identifier", `"a b"`, identifier, "", openevent.CodeInvalidIdentifier},
		{"identifier", `"é"`, identifier, "", openevent.CodeInvalidIdentifier},
		{"identifier", `"` + strings.Repeat("a", 65) + `"`, identifier, "", openevent.CodeInvalidIdentifier},
		{"id", `null`, id, "", ""},
		{"state", `"Published"`, state, "published", ""},
		{"state", `"accepted"`, state, "accepted", openevent.CodeUnknownValue},
		{"privacy", `"PUBLIC"`, privacy, "public", ""},
		{"privacy", `"secret"`, privacy, "secret", openevent.CodeUnknownValue},
		{"type", `"camp, trip, or retreat"`, kind, "Camp, Trip, or Retreat", ""},
		{"type", `"Regatta"`, kind, "Regatta", ""},
		{"topic", `"SCIENCE & TECHNOLOGY"`, topic, "Science & Technology", ""},
		{"sub_topic", `"high tech"`, subTopic, "High Tech", ""},
		{"sub_topic", `"knots"`, subTopic, "knots", ""},
	} {
		event, issues := eventWith(t, c.key, c.value)
		require.Equal(t, c.want, c.get(event), "%s %s", c.key, c.value)
		if c.code == "" {
			require.Empty(t, issues, "%s %s", c.key, c.value)
			continue
		}
		require.Equal(t, []string{c.code}, codes(issues), "%s %s", c.key, c.value)
		if c.code == openevent.CodeBlanksRemoved {
			require.Equal(t, contracts.Info, issues[0].Severity)
			continue
		}
		require.Equal(t, contracts.Warning, issues[0].Severity)
	}
}

func TestRequiredFieldsAreErrors(t *testing.T) {
	t.Parallel()
	for _, value := range []string{`null`, `""`, `"  "`} {
		_, issues := eventWith(t, "start_time", value)
		require.Equal(t, []string{openevent.CodeRequiredFieldMissing}, codes(issues), value)
		require.Equal(t, contracts.Error, issues[0].Severity)
		require.Equal(t, "Required field 'start_time' is missing", issues[0].Message)
	}
	_, issues := eventWith(t, "start_time", `"2031-02-30T10:00:00"`)
	require.Equal(t, []string{openevent.CodeInvalidTime}, codes(issues))
	require.Equal(t, contracts.Error, issues[0].Severity)
	require.Equal(t, "2031-02-30T10:00:00", issues[0].Value)

	_, issues = readAll(t, open(t, item{"speakers", `[{"id":1,"name":"Ada Quill"},{"id":2}]`}), openevent.Speakers)
	require.Equal(t, []string{openevent.CodeRequiredFieldMissing}, codes(issues))
	require.Equal(t, "/1/name", issues[0].Pointer)
}

func TestAFoundValueIsCut(t *testing.T) {
	t.Parallel()
	_, issues := eventWith(t, "email", `"`+strings.Repeat("ä", 500)+`"`)
	require.Len(t, issues, 1)
	require.LessOrEqual(t, len(issues[0].Value), contracts.MaxIssueValue)
	require.True(t, strings.HasSuffix(issues[0].Value, "ä…"))
}

func TestACorrectedValueIsToldAsFoundAndAsRead(t *testing.T) {
	t.Parallel()
	_, issues := eventWith(t, "end_time", `"2031-05-03T9:5:00"`)
	require.Len(t, issues, 1)
	require.Equal(t, contracts.Warning, issues[0].Severity)
	require.Equal(t, "2031-05-03T9:5:00", issues[0].Value)
	require.Equal(t, "'end_time' is read as 2031-05-03T09:05:00", issues[0].Message)

	_, issues = eventWith(t, "timezone", `"US / Pacific"`)
	require.Len(t, issues, 1)
	require.Equal(t, "US / Pacific", issues[0].Value)
	require.Equal(t, "'timezone' is read as US/Pacific", issues[0].Message)

	_, issues = eventWith(t, "privacy", `"secret"`)
	require.Len(t, issues, 1)
	require.Equal(t, "Write one of public, private", issues[0].Hint)
}

func TestReferences(t *testing.T) {
	t.Parallel()
	const session = `{"id":1,"title":"Knots","start_time":"2031-05-02T10:00:00","end_time":"2031-05-02T10:30:00",%s}`
	for in, want := range map[string]struct {
		track    string
		speakers []string
		codes    []string
	}{
		`"track":{"id":3,"name":"Boats"},"speakers":[{"id":1},{"id":"2","name":"B"},3,"4"]`: {"3", []string{"1", "2", "3", "4"}, nil},
		`"track":"3","speakers":[]`:                         {"3", nil, nil},
		`"track":3,"speakers":null`:                         {"3", nil, nil},
		`"track":null,"speakers":{"id":5}`:                  {"", []string{"5"}, nil},
		`"track":{},"speakers":""`:                          {"", nil, nil},
		`"track":{"id":null,"name":null}`:                   {"", nil, nil},
		`"track":{"id":1,"id":2}`:                           {"2", nil, nil},
		`"track":[3]`:                                       {"3", nil, nil},
		`"track":[null,{"id":3},"3"]`:                       {"3", nil, nil},
		`"track":[{"id":3},4]`:                              {"3", nil, []string{openevent.CodeSeveralReferences}},
		`"track":[[3]]`:                                     {"", nil, []string{openevent.CodeWrongType}},
		`"speakers":[{"id":1},{"id":null,"name":"B"},null]`: {"", []string{"1"}, []string{openevent.CodeReferenceWithoutID}},
		`"speakers":[{"id":1},{"id":2},"1"]`:                {"", []string{"1", "2"}, []string{openevent.CodeDuplicateReference}},
		`"speakers":7`:                                      {"", []string{"7"}, nil},
		`"speakers":[[1],2]`:                                {"", []string{"2"}, []string{openevent.CodeWrongType}},
	} {
		records, issues := readAll(t, open(t, item{"sessions", "[" + fmt.Sprintf(session, in) + "]"}), openevent.Sessions)
		require.Len(t, records, 1, in)
		require.Equal(t, want.track, records[0].Value.Track.ID, in)
		var ids []string
		for _, ref := range records[0].Value.Speakers {
			require.False(t, ref.IsZero())
			ids = append(ids, ref.ID)
		}
		require.Equal(t, want.speakers, ids, in)
		require.Equal(t, append([]string{}, want.codes...), codes(issues), in)
		for _, i := range issues {
			require.Equal(t, contracts.Warning, i.Severity)
		}
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	records, issues := readAll(t, open(t, item{"forms", `[
		{"id":1,"session_form":"{\"title\": {\"require\": 1, \"include\": 1}, \"slides\":{\"include\":\"1\",\"require\":0,\"more\":[]}}","speaker_form":{"name":{"require":true,"include":true}}},
		{"session_form":"","speaker_form":null},
		{"session_form":"{\"title\":","speaker_form":"[]"}
	]`}), openevent.Forms)
	require.Len(t, records, 3)
	require.Equal(t, []openevent.FormField{
		{Form: "session", Field: "title", Required: true, Included: true},
		{Form: "session", Field: "slides", Included: true},
		{Form: "speaker", Field: "name", Required: true, Included: true},
	}, records[0].Value.Fields())
	require.Empty(t, records[1].Value.Fields())
	require.Equal(t, []string{openevent.CodeInvalidForm, openevent.CodeInvalidForm}, codes(issues))
	require.Equal(t, "/2/session_form", issues[0].Pointer)
	require.Equal(t, 4, issues[0].Line)
}

func TestWhatIsOddInFormsIsTold(t *testing.T) {
	t.Parallel()
	records, issues := readAll(t, open(t, item{"forms", `[{"id":1,"session_form":"{\"title\":{\"require\":2,\"include\":1,\"help\":\"x\"},\"slides\":1,\"audio\":{\"include\":1}}"}]`}), openevent.Forms)
	require.Equal(t, []openevent.FormField{
		{Form: "session", Field: "title", Included: true},
		{Form: "session", Field: "audio", Included: true},
	}, records[0].Value.Fields())
	require.Equal(t, []string{openevent.CodeInvalidForm, openevent.CodeInvalidForm}, codes(issues))
	require.Equal(t, "title/require", issues[0].Value)
	require.Equal(t, "slides", issues[1].Value)
	require.Equal(t, `"x"`, string(records[0].Extra["session_form/title/help"]))
}
