package openevent_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

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
	year := func(e openevent.Event) any { return deref(e.Copyright.Year) }
	boolean := func(e openevent.Event) any { return deref(e.HasSessionSpeakers) }
	url := func(e openevent.Event) any { return e.TicketURL }
	email := func(e openevent.Event) any { return e.Email }
	upload := func(e openevent.Event) any { return e.Logo }
	zone := func(e openevent.Event) any { return e.Timezone }
	published := func(e openevent.Event) any { return e.SchedulePublishedOn.String() }
	id := func(e openevent.Event) any { return e.ID }
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
		{"latitude", `-1e2`, number, -100.0, ""},
		{"latitude", `" 1.5 "`, number, 1.5, ""},
		{"latitude", `""`, number, nil, ""},
		{"latitude", `null`, number, nil, ""},
		{"latitude", `"NaN"`, number, nil, openevent.CodeInvalidNumber},
		{"latitude", `"0x1p4"`, number, nil, openevent.CodeInvalidNumber},
		{"latitude", `1e999`, number, nil, openevent.CodeInvalidNumber},
		{"latitude", `true`, number, nil, openevent.CodeInvalidNumber},
		{"latitude", `{"a":1}`, number, nil, openevent.CodeWrongType},
		{"copyright", `{"year":2031}`, year, int64(2031), ""},
		{"copyright", `{"year":"2031"}`, year, int64(2031), ""},
		{"copyright", `{"year":2031.0}`, year, int64(2031), ""},
		{"copyright", `{"year":null}`, year, nil, ""},
		{"copyright", `{"year":2031.5}`, year, nil, openevent.CodeInvalidNumber},
		{"copyright", `{"year":99999999999999999999}`, year, nil, openevent.CodeInvalidNumber},
		{"has_session_speakers", `true`, boolean, true, ""},
		{"has_session_speakers", `0`, boolean, false, ""},
		{"has_session_speakers", `"True"`, boolean, true, ""},
		{"has_session_speakers", `""`, boolean, nil, ""},
		{"has_session_speakers", `"perhaps"`, boolean, nil, openevent.CodeWrongType},
		{"has_session_speakers", `2`, boolean, nil, openevent.CodeWrongType},
		{"ticket_url", `" https://a.example/x?y=1#z "`, url, "https://a.example/x?y=1#z", openevent.CodeBlanksRemoved},
		{"email", "\"info@a.example\\n\"", email, "info@a.example", openevent.CodeBlanksRemoved},
		{"logo", `"/images/logo.png "`, upload, "/images/logo.png", openevent.CodeBlanksRemoved},
		{"ticket_url", `"www.a.example/x"`, url, "http://www.a.example/x", openevent.CodeURLWithoutScheme},
		{"ticket_url", `"a.example:8080"`, url, "http://a.example:8080", openevent.CodeURLWithoutScheme},
		{"ticket_url", `"https:// a.example, b.example"`, url, "https:// a.example, b.example", openevent.CodeInvalidURL},
		{"ticket_url", `"https://"`, url, "", openevent.CodeInvalidURL},
		{"ticket_url", `"javascript:alert(1)"`, url, "", openevent.CodeInvalidURL},
		{"ticket_url", `"at the door"`, url, "", openevent.CodeInvalidURL},
		{"email", `"info@a.example"`, email, "info@a.example", ""},
		{"email", `"info at a.example"`, email, "", openevent.CodeInvalidEmail},
		{"email", `"@a.example"`, email, "", openevent.CodeInvalidEmail},
		{"email", `"a@example"`, email, "", openevent.CodeInvalidEmail},
		{"logo", `"/images/logo.png"`, upload, "/images/logo.png", ""},
		{"logo", `"images/logo.png"`, upload, "images/logo.png", ""},
		{"logo", `"https://a.example/logo.png"`, upload, "https://a.example/logo.png", ""},
		{"logo", `"data:image/png;base64,AAAA"`, upload, "", openevent.CodeInvalidURL},
		{"logo", `"file:///etc/passwd"`, upload, "", openevent.CodeInvalidURL},
		{"timezone", `"Asia/Singapore"`, zone, "Asia/Singapore", ""},
		{"timezone", `null`, zone, "UTC", ""},
		{"timezone", `"Asia/Vietnum"`, zone, "UTC", openevent.CodeUnknownZone},
		{"timezone", `"Local"`, zone, "UTC", openevent.CodeUnknownZone},
		{"timezone", `"../zone"`, zone, "UTC", openevent.CodeUnknownZone},
		{"schedule_published_on", `"2031-05-02T10:00:00"`, published, "2031-05-02T10:00:00", ""},
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

func TestTimes(t *testing.T) {
	t.Parallel()
	lisbon, err := time.LoadLocation("Europe/Lisbon")
	require.NoError(t, err)
	for in, want := range map[string]string{
		"2031-05-02T09:00:00":              "2031-05-02T09:00:00+01:00",
		"2031-01-02 09:00:00":              "2031-01-02T09:00:00Z",
		"2031-05-02T09:00":                 "2031-05-02T09:00:00+01:00",
		" 2031-05-02T09:00:00 \n":          "2031-05-02T09:00:00+01:00",
		"2031-05-02T9:4:00":                "2031-05-02T09:04:00+01:00",
		"2031-05-02T017:00:00":             "2031-05-02T17:00:00+01:00",
		"2031-05-02T09:00:00+08:00":        "2031-05-02T02:00:00+01:00",
		"2031-05-02T09:00:00-0730":         "2031-05-02T17:30:00+01:00",
		"2031-05-02T09:00:00+08":           "2031-05-02T02:00:00+01:00",
		"2031-05-02T09:00:00Z":             "2031-05-02T10:00:00+01:00",
		"2031-05-02T09:00:00.187481+08:00": "2031-05-02T02:00:00.187481+01:00",
		"2031-05-02T09:00:00.5":            "2031-05-02T09:00:00.5+01:00",
		"2032-02-29T09:00:00":              "2032-02-29T09:00:00Z",
	} {
		got, ok := openevent.ParseTime(in)
		require.True(t, ok, in)
		require.Equal(t, want, got.In(lisbon).Format(time.RFC3339Nano), in)
		require.Equal(t, strings.ContainsAny(in[11:], "Z+-"), got.HasOffset(), in)
		again, ok := openevent.ParseTime(got.String())
		require.True(t, ok, got.String())
		require.True(t, again.In(lisbon).Equal(got.In(lisbon)))
		require.Equal(t, got.HasOffset(), again.HasOffset())
	}
	for _, in := range []string{
		"", "2031-05-02", "2031-05-02T", "2031-13-02T09:00:00", "2031-02-29T09:00:00", "2031-00-01T09:00:00", "2031-05-02T24:00:00",
		"2031-05-02T09:60:00", "2031-05-02T09:00:60", "2031-05-02T09:00:00.", "2031-05-02T09:00:00+", "2031-05-02T09:00:00+99:00",
		"2031-05-02T09:00:00+08:00x", "0000-05-02T09:00:00", "31-05-02T09:00:00", "2031-05-02T09:00:00 PM", "2031/05/02 09:00", "２031-05-02T09:00:00",
	} {
		_, ok := openevent.ParseTime(in)
		require.False(t, ok, in)
	}
	require.True(t, openevent.Time{}.In(lisbon).IsZero())
	require.Empty(t, openevent.Time{}.String())
}

func TestLengths(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{
		"00:30": 30, "0:30": 30, "30": 30, "01.00": 60, "1.0": 60, "0.3": 30, "1.30": 90, "1:15:00": 75, " 2:05 ": 125, "90": 90, "00:00": 0,
	} {
		got, ok := openevent.ParseLength(in)
		require.True(t, ok, in)
		require.Equal(t, want, got, in)
	}
	for _, in := range []string{"", "long", "1:75", "-30", "1:", ":30", "1:300", "99999999999999999999", "1e3", "1:00:xx"} {
		_, ok := openevent.ParseLength(in)
		require.False(t, ok, in)
	}
	records, issues := readAll(t, open(t, item{"session_types", `[{"id":1,"name":"Talk","length":0.3},{"id":2,"name":"Chat","length":"a while"},{"id":3,"name":"None"}]`}), openevent.SessionTypes)
	minutes, ok := records[0].Value.Minutes()
	require.True(t, ok)
	require.Equal(t, 30, minutes)
	require.Equal(t, "a while", records[1].Value.Length)
	require.Equal(t, []string{openevent.CodeInvalidLength, openevent.CodeFieldMissing}, codes(issues))
}

func TestColours(t *testing.T) {
	t.Parallel()
	for value, valid := range map[string]bool{
		"#fff": true, "#1485CC": true, "#1485cc80": true, "Teal": true, "rgb(1, 2, 3)": true, "rgba(1,2,3,.5)": true, "hsl(10deg 50% 20%)": true,
		"#ff": false, "fff": false, "#gggggg": false, "teal red": false, "colour": false, "url(x)": false,
	} {
		records, issues := readAll(t, open(t, item{"tracks", fmt.Sprintf(`[{"id":1,"name":"Boats","color":%q}]`, value)}), openevent.Tracks)
		if valid {
			require.Empty(t, issues, value)
			require.Equal(t, value, records[0].Value.Color)
		} else {
			require.Equal(t, []string{openevent.CodeInvalidColor}, codes(issues), value)
			require.Equal(t, contracts.Warning, issues[0].Severity)
			require.Empty(t, records[0].Value.Color)
		}
	}
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
