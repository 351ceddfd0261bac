package sample

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/mail"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// unpacked is an archive as a reader sees it.
type unpacked struct {
	size    int
	entries map[string][]byte

	event          event
	forms          []form
	microlocations []microlocation
	sponsors       []sponsor
	speakers       []speaker
	tracks         []track
	sessionTypes   []sessionType
	sessions       []session
}

func write(t *testing.T, c Config) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Write(&b, c))
	return b.Bytes()
}

func unpack(t *testing.T, c Config) unpacked {
	t.Helper()
	b := write(t, c)
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	u := unpacked{size: len(b), entries: map[string][]byte{}}
	for _, f := range z.File {
		require.NotContains(t, u.entries, f.Name, "an entry stands twice")
		r, err := f.Open()
		require.NoError(t, err)
		content, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		u.entries[f.Name] = content
	}
	for name, into := range map[string]any{
		"event": &u.event, "forms": &u.forms, "microlocations": &u.microlocations, "sponsors": &u.sponsors,
		"speakers": &u.speakers, "tracks": &u.tracks, "session_types": &u.sessionTypes, "sessions": &u.sessions,
		"meta": &meta{},
	} {
		require.Contains(t, u.entries, name)
		d := json.NewDecoder(bytes.NewReader(u.entries[name]))
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(into), name)
	}
	return u
}

// shapes are archives small and large enough to fill every path.
var shapes = []Config{
	{Sessions: 1, Speakers: 0, Seed: 0},
	{Sessions: 1, Speakers: 1, Seed: 1},
	{Sessions: 31, Speakers: 2, Seed: 2},
	{Sessions: 120, Speakers: 60, Seed: 7},
	{Sessions: 493, Speakers: 187, Seed: 3},
	{Sessions: 1_300, Speakers: 20, Seed: 4},
}

// TestEveryArchive makes each shape once and holds it against all that is true
// of any archive.
func TestEveryArchive(t *testing.T) {
	t.Parallel()
	for _, c := range shapes {
		t.Run(fmt.Sprintf("%d sessions %d speakers", c.Sessions, c.Speakers), func(t *testing.T) {
			t.Parallel()
			u := unpack(t, c)
			for name, check := range map[string]func(*testing.T, Config, unpacked){
				"has as many records as asked for":       hasAsManyRecordsAsAskedFor,
				"resolves every reference":               resolvesEveryReference,
				"has back references that agree":         hasBackReferencesThatAgree,
				"has all required fields":                hasAllRequiredFields,
				"has every address under example":        hasEveryAddressUnderExample,
				"keeps the sessions to the schedule":     keepsSessionsToTheSchedule,
				"holds the files it names and no others": holdsTheFilesItNamesAndNoOthers,
				"holds pictures that decode":             holdsPicturesThatDecode,
			} {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					check(t, c, u)
				})
			}
		})
	}
}

func TestWriteGivesTheSameBytesForTheSameConfig(t *testing.T) {
	t.Parallel()
	c := Config{Sessions: 120, Speakers: 60, Seed: 7}
	once, twice := write(t, c), write(t, c)
	require.True(t, bytes.Equal(once, twice))
	c.Seed++
	require.False(t, bytes.Equal(once, write(t, c)))
}

func hasAsManyRecordsAsAskedFor(t *testing.T, c Config, u unpacked) {
	t.Helper()
	require.Len(t, u.sessions, c.Sessions)
	require.Len(t, u.speakers, c.Speakers)
	require.Len(t, u.forms, 1)
	require.NotEmpty(t, u.microlocations)
	require.NotEmpty(t, u.sponsors)
	require.NotEmpty(t, u.tracks)
	require.NotEmpty(t, u.sessionTypes)
	require.Len(t, u.event.SocialLinks, len(socialNetworks))
}

func TestWriteRefusesWhatItCannotMake(t *testing.T) {
	t.Parallel()
	err := Write(io.Discard, Config{Sessions: 0, Speakers: -1})
	require.ErrorContains(t, err, "sessions: 0 is not between 1 and 1000000")
	require.ErrorContains(t, err, "speakers: -1 is not between 0 and 1000000")
	require.Error(t, Write(io.Discard, Config{Sessions: MaxSessions + 1}))
	require.Error(t, Write(io.Discard, Config{Sessions: 1, Speakers: MaxSpeakers + 1}))
}

func TestWriteReportsTheWritersError(t *testing.T) {
	t.Parallel()
	r, w := io.Pipe()
	require.NoError(t, r.CloseWithError(io.ErrNoProgress))
	require.ErrorIs(t, Write(w, Config{Sessions: 3_000, Speakers: 40}), io.ErrNoProgress)
}

func resolvesEveryReference(t *testing.T, c Config, u unpacked) {
	t.Helper()
	for i, s := range u.sessions {
		require.Equal(t, i+1, s.ID)
		require.Equal(t, u.tracks[s.Track.ID-1].Name, s.Track.Name)
		require.Equal(t, u.microlocations[s.Microlocation.ID-1].Name, s.Microlocation.Name)
		require.Equal(t, u.sessionTypes[s.SessionType.ID-1], s.SessionType)
		seen := map[int]bool{}
		for _, who := range s.Speakers {
			require.Equal(t, u.speakers[who.ID-1].Name, who.Name)
			require.Equal(t, u.speakers[who.ID-1].Organisation, who.Organisation)
			require.False(t, seen[who.ID], "session %d names a speaker twice", s.ID)
			seen[who.ID] = true
		}
	}
	if c.Speakers > 0 {
		require.NotEmpty(t, u.sessions[0].Speakers)
	}
}

// hasBackReferencesThatAgree: the lists of sessions under a speaker or track say the same as the sessions
// do, up to where they are cut.
func hasBackReferencesThatAgree(t *testing.T, _ Config, u unpacked) {
	t.Helper()
	bySpeaker, byTrack := map[int][]sessionRef{}, map[int][]sessionRef{}
	for _, s := range u.sessions {
		byTrack[s.Track.ID] = append(byTrack[s.Track.ID], sessionRef{s.ID, s.Title})
		for _, who := range s.Speakers {
			bySpeaker[who.ID] = append(bySpeaker[who.ID], sessionRef{s.ID, s.Title})
		}
	}
	first := func(refs []sessionRef) []sessionRef {
		return append([]sessionRef{}, refs[:min(len(refs), maxBackReferences)]...)
	}
	for _, s := range u.speakers {
		require.Equal(t, first(bySpeaker[s.ID]), s.Sessions, "speaker %d", s.ID)
	}
	for _, tr := range u.tracks {
		require.Equal(t, first(byTrack[tr.ID]), tr.Sessions, "track %d", tr.ID)
	}
}

func hasAllRequiredFields(t *testing.T, _ Config, u unpacked) {
	t.Helper()
	color := regexp.MustCompile(`^#[0-9a-f]{6}$`)
	require.Positive(t, u.event.ID)
	require.NotEmpty(t, u.event.Name)
	require.Regexp(t, `^[0-9a-f]{8}$`, u.event.Identifier)
	emails := map[string]bool{}
	for _, s := range u.speakers {
		require.NotEmpty(t, s.Name)
		require.NotEmpty(t, s.Organisation)
		require.NotEmpty(t, s.Country)
		require.Regexp(t, `^\S+@\S+\.\S+$`, s.Email)
		require.False(t, emails[s.Email], "two speakers share %s", s.Email)
		emails[s.Email] = true
	}
	for _, tr := range u.tracks {
		require.NotEmpty(t, tr.Name)
		require.Regexp(t, color, tr.Color)
	}
	for _, s := range u.sessions {
		require.NotEmpty(t, s.Title)
		require.NotContains(t, s.Title+*cmpOr(s.Subtitle)+s.ShortAbstract+s.LongAbstract, "*", "a pattern was not filled")
	}
	names := map[string]bool{}
	for _, m := range u.microlocations {
		require.GreaterOrEqual(t, m.Floor, 0)
		require.False(t, names[m.Name], "two rooms are called %s", m.Name)
		names[m.Name] = true
	}
	for _, f := range []string{u.forms[0].SessionForm, u.forms[0].SpeakerForm} {
		require.NoError(t, json.Unmarshal([]byte(f), &map[string]field{}))
	}
}

func cmpOr(s *string) *string {
	if s == nil {
		return new("")
	}
	return s
}

func TestNamesAndTitlesComeInManyScripts(t *testing.T) {
	t.Parallel()
	u := unpack(t, Config{Sessions: 493, Speakers: 187, Seed: 3})
	for _, file := range []string{"speakers", "sessions"} {
		for _, script := range []string{`\p{Cyrillic}`, `\p{Han}`, `\p{Arabic}`, `[éüøåłçñ]`} {
			require.Regexp(t, script, string(u.entries[file]), file)
		}
	}
	require.Contains(t, string(u.entries["sessions"]), "<p>", "markup is not escaped")
}

func hasEveryAddressUnderExample(t *testing.T, _ Config, u unpacked) {
	t.Helper()
	links := regexp.MustCompile(`[a-z]+://[^\s"<>\\]+`)
	mails := regexp.MustCompile(`[^\s"<>:/]+@[^\s"<>]+`)
	for name, content := range u.entries {
		if strings.Contains(name, "/") {
			continue
		}
		for _, link := range links.FindAllString(string(content), -1) {
			at, err := url.Parse(link)
			require.NoError(t, err, name)
			require.True(t, strings.HasSuffix(at.Hostname(), ".example"), link)
		}
		for _, address := range mails.FindAllString(string(content), -1) {
			a, err := mail.ParseAddress(address)
			require.NoError(t, err, address)
			require.True(t, strings.HasSuffix(a.Address, ".example"), address)
		}
		require.NotContains(t, string(content), "www.")
	}
	require.Regexp(t, mails, string(u.entries["event"]))
	require.Regexp(t, links, string(u.entries["event"]))
}

func keepsSessionsToTheSchedule(t *testing.T, _ Config, u unpacked) {
	t.Helper()
	zone, err := time.LoadLocation(u.event.Timezone)
	require.NoError(t, err)
	at := func(text string) time.Time {
		when, err := time.ParseInLocation("2006-01-02T15:04:05", text, zone)
		require.NoError(t, err)
		return when
	}
	from, to := at(u.event.StartTime), at(u.event.EndTime)
	require.True(t, from.Before(to))
	require.True(t, at(u.event.CallForPapers.StartDate).Before(at(u.event.CallForPapers.EndDate)))
	require.True(t, at(u.event.CallForPapers.EndDate).Before(from))
	require.True(t, at(u.event.SchedulePublishedOn).Before(from))

	free := map[int]time.Time{}
	for _, s := range u.sessions {
		start, end := at(s.StartTime), at(s.EndTime)
		require.False(t, start.Before(from), "session %d begins before the event", s.ID)
		require.False(t, end.After(to), "session %d ends after the event", s.ID)
		require.True(t, start.Before(end))
		require.False(t, start.Before(free[s.Microlocation.ID]), "session %d finds its room taken", s.ID)
		free[s.Microlocation.ID] = end

		hours, minutes, _ := strings.Cut(s.SessionType.Length, ":")
		h, err := strconv.Atoi(hours)
		require.NoError(t, err)
		m, err := strconv.Atoi(minutes)
		require.NoError(t, err)
		require.Equal(t, time.Duration(h*60+m)*time.Minute, end.Sub(start))
	}
}
