package openevent_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// several gives values as records.
func several[T any](values ...T) iter.Seq2[openevent.Record[T], error] {
	return func(yield func(openevent.Record[T], error) bool) {
		for _, v := range values {
			if !yield(openevent.Record[T]{Value: v}, nil) {
				return
			}
		}
	}
}

// given gives one record.
func given[T any](r openevent.Record[T]) iter.Seq2[openevent.Record[T], error] {
	return func(yield func(openevent.Record[T], error) bool) { yield(r, nil) }
}

// failed gives an error.
func failed[T any](err error) iter.Seq2[openevent.Record[T], error] {
	return func(yield func(openevent.Record[T], error) bool) { yield(openevent.Record[T]{}, err) }
}

func lisbon(t testing.TB, clock string) openevent.Time {
	t.Helper()
	got, _, ok := openevent.ParseTime(clock)
	require.True(t, ok)
	return got
}

// harbour is an event with a bit of everything.
func harbour(t testing.TB) openevent.Record[openevent.Event] {
	t.Helper()
	return openevent.Record[openevent.Event]{
		Value: openevent.Event{
			ID: "12", Identifier: "b548bcfc", Name: "Harbour Days", StartTime: lisbon(t, "2031-05-02T09:00:00"), EndTime: lisbon(t, "2031-05-03T18:00:00+01:00"),
			Timezone: "Europe/Lisbon", Latitude: new(38.7), Longitude: new(-9.0), LocationName: "Cais do Sodré", Description: "<p>Ropes & <b>knots</b></p>",
			OrganizerName: "Harbour \"School\"", OrganizerDescription: "one\ntwo", Logo: "/images/logo.png", Large: "https://lakeside.example/large.png", EventURL: "https://lakeside.example/",
			State: "published", Privacy: "public", Type: "Conference", Topic: "Science & Technology", SubTopic: "Mobile", HasSessionSpeakers: new(true),
			SocialLinks:   []openevent.SocialLink{{ID: "1", Name: "Twitter", Link: "https://social.example/harbour"}, {Name: "Github"}},
			Copyright:     &openevent.Copyright{Holder: "Harbour School", Licence: "CC0", Year: new(int64(2031)), Logo: "https://lakeside.example/cc0.png"},
			CallForPapers: &openevent.CallForPapers{Announcement: "<p>Come!</p>", StartDate: lisbon(t, "2031-01-01T00:00:00"), Privacy: "public"},
			Version:       &openevent.Version{Event: new(int64(3))},
		},
		Extra: map[string]json.RawMessage{
			"mood": json.RawMessage(`{"a":[1, 2],"b":{},"c":[]}`), "a~1b": json.RawMessage(`"\u0041"`), "copyright/note": json.RawMessage(`"n"`),
			"social-links/1/icon": json.RawMessage(`true`), "event-copyright/more": json.RawMessage(`1`), "name": json.RawMessage(`"is known"`), "social_links/7/icon": json.RawMessage(`"is nowhere"`),
		},
	}
}

// writeHarbour writes an archive with a record of each kind.
func writeHarbour(t testing.TB, out io.Writer, d openevent.Dialect) {
	t.Helper()
	w := openevent.NewWriter(out, d)
	require.NoError(t, openevent.WriteRecords(w, openevent.Events, given(harbour(t))))
	require.NoError(t, w.Meta("https://lakeside.example/?a&b"))
	require.NoError(t, openevent.WriteRecords(w, openevent.Forms, given(openevent.Record[openevent.Form]{
		Value: openevent.Form{
			ID:          "1",
			SessionForm: []openevent.FormField{{Form: "session", Field: "title", Required: true, Included: true}, {Form: "session", Field: "short_abstract", Included: true}},
			SpeakerForm: []openevent.FormField{{Form: "speaker", Field: "email"}},
		},
		Extra: map[string]json.RawMessage{"session_form/title/type": json.RawMessage(`"text"`)},
	})))
	require.NoError(t, openevent.WriteRecords(w, openevent.Microlocations, several(openevent.Microlocation{ID: "1", Name: "Quay Hall", Floor: new(int64(3))})))
	require.NoError(t, openevent.WriteRecords(w, openevent.Sponsors, several(openevent.Sponsor{ID: "1", Name: "Lantern Works", Logo: "/images/sponsors/LanternWorks_1.png", Level: "1", SponsorType: "Gold"})))
	require.NoError(t, openevent.WriteRecords(w, openevent.Speakers, several(
		openevent.Speaker{ID: "7", Name: "Ada Quill", Email: "ada@lakeside.example", Photo: "/images/speakers/AdaQuill_7.png", Featured: new(false), Sessions: []openevent.Ref{{ID: "1", Name: "Knots"}}},
		openevent.Speaker{ID: "ada-2", Name: "Ada Other"},
	)))
	require.NoError(t, openevent.WriteRecords(w, openevent.Tracks, several(openevent.Track{ID: "1", Name: "Boats", Color: "#1485cc"})))
	require.NoError(t, openevent.WriteRecords(w, openevent.SessionTypes, several[openevent.SessionType]()))
	require.NoError(t, openevent.WriteRecords(w, openevent.Sessions, several(
		openevent.Session{
			ID: "1", Title: "Knots", Level: "1", StartTime: lisbon(t, "2031-05-02T10:00:00"), EndTime: lisbon(t, "2031-05-02T10:30:00"), Track: openevent.Ref{ID: "1", Name: "Boats"},
			Microlocation: openevent.Ref{ID: "1"}, Speakers: []openevent.Ref{{ID: "7", Name: "Ada Quill"}, {}, {ID: "ada-2"}}, Language: "English", Slides: "/slides/session_1.pdf", State: "accepted",
		},
	)))
	for _, name := range []string{"images/logo.png", "images/speakers/ZoëRope_9.png"} {
		media, err := w.Media(name)
		require.NoError(t, err)
		_, err = io.WriteString(media, strings.Repeat("png", 100))
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
}

// The files of testdata/written were compared with the format by eye.
func TestAnArchiveIsWrittenAsExportersDo(t *testing.T) {
	t.Parallel()
	for _, d := range []openevent.Dialect{openevent.DialectA, openevent.DialectB} {
		var b bytes.Buffer
		writeHarbour(t, &b, d)
		r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
		require.NoError(t, err)
		var names []string
		for _, f := range r.File {
			names = append(names, f.Name)
			require.Equal(t, zip.Deflate, f.Method, f.Name)
			require.False(t, f.NonUTF8, f.Name)
			require.Equal(t, time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), f.Modified.UTC(), f.Name)
			rc, err := f.Open()
			require.NoError(t, err)
			content, err := io.ReadAll(rc)
			require.NoError(t, err)
			if strings.Contains(f.Name, "/") {
				require.Equal(t, strings.Repeat("png", 100), string(content))
				require.Greater(t, f.CompressedSize64, f.UncompressedSize64) // packed already
				continue
			}
			want, err := os.ReadFile(filepath.Join("testdata", "written", string(d), f.Name))
			require.NoError(t, err)
			require.Equal(t, string(want), string(content), "%s in %s", f.Name, d)
		}
		require.Equal(t, []string{
			"event", "meta", "forms", "microlocations", "sponsors", "speakers", "tracks", "session_types", "sessions", "images/logo.png", "images/speakers/ZoëRope_9.png",
		}, names)
	}
}

func TestAWrittenArchiveIsInOrder(t *testing.T) {
	t.Parallel()
	for _, d := range []openevent.Dialect{openevent.DialectA, openevent.DialectB} {
		var b bytes.Buffer
		writeHarbour(t, &b, d)
		a, err := openBytes(b.Bytes(), openevent.Limits{})
		require.NoError(t, err)
		summary, issues := checkArchive(t, a)
		require.Equal(t, 2, summary.Totals[contracts.SessionSpeakers])
		require.Equal(t, 3, summary.Totals[contracts.CustomForms])
		for _, i := range issues {
			require.Contains(t, []string{openevent.CodeUnknownKey, openevent.CodeMediaMissing, openevent.CodeUnusedFiles, openevent.CodeFieldMissing, openevent.CodeLinksDisagree}, i.Code, "%v", i)
		}
		events, _ := readAll(t, a, openevent.Events)
		require.Equal(t, harbour(t).Value, events[0].Value)
	}
}

// A field of a form that stands in a record of its own is written in columns again.
func TestAFieldOfAFormIsWrittenAsItsRecord(t *testing.T) {
	t.Parallel()
	form := openevent.Form{ID: "5", OfForm: "attendee", FieldName: "shirt-size", Required: new(true)}
	for d, want := range map[openevent.Dialect]string{
		openevent.DialectA: `[{"id":5,"field_identifier":"shirt-size","form":"attendee","is_required":true}]`,
		openevent.DialectB: `[{"id":5,"field-identifier":"shirt-size","form":"attendee","is-required":true}]`,
	} {
		require.JSONEq(t, want, written(t, openevent.Forms, d, several(form)))
	}
	require.JSONEq(t, `[{"id":1,"session_form":"{}","speaker_form":"{}"}]`, written(t, openevent.Forms, openevent.DialectA, several(openevent.Form{ID: "1"})))
}

// written gives the content of a file.
func written[T any](t *testing.T, f openevent.File[T], d openevent.Dialect, records iter.Seq2[openevent.Record[T], error]) string {
	t.Helper()
	var b bytes.Buffer
	w := openevent.NewWriter(&b, d)
	require.NoError(t, openevent.WriteRecords(w, f, records))
	require.NoError(t, w.Close())
	r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	rc, err := r.File[0].Open()
	require.NoError(t, err)
	content, err := io.ReadAll(rc)
	require.NoError(t, err)
	return string(content)
}

// Nothing that comes makes JSON that is none.
func TestWhatCannotComeIsWrittenAsJSON(t *testing.T) {
	t.Parallel()
	nan := 0.0
	nan /= nan
	content := written(t, openevent.Microlocations, openevent.DialectA, given(openevent.Record[openevent.Microlocation]{
		Value: openevent.Microlocation{ID: "\xff\x00", Name: "a\xffb\x00", Latitude: &nan},
		Extra: map[string]json.RawMessage{"a\xff": json.RawMessage(`{"a":`), "b": nil, "c": json.RawMessage("\"\xff\""), "d": json.RawMessage(`1}, {"x":1`), "/": json.RawMessage("1"), "name/x": json.RawMessage("2"), "x/y/z": json.RawMessage("3")},
	}))
	require.True(t, json.Valid([]byte(content)), content)
	require.JSONEq(t, `[{"id":"\ufffd\u0000","name":"a\ufffdb\u0000","floor":null,"latitude":null,"longitude":null,"room":null,
		"a\ufffd":"{\"a\":","b":null,"c":"\ufffd","d":"1}, {\"x\":1","/":1,"name/x":2,"x/y/z":3}]`, content)
}

func TestAnEventIsOne(t *testing.T) {
	t.Parallel()
	w := openevent.NewWriter(io.Discard, openevent.DialectA)
	require.EqualError(t, openevent.WriteRecords(w, openevent.Events, several[openevent.Event]()), `the file "event" of an archive has one record, not 0`)
	require.EqualError(t, openevent.WriteRecords(w, openevent.Events, several(openevent.Event{}, openevent.Event{})), `the file "event" of an archive has one record, not 2`)
}

func TestErrorsOfRecordsAndOfTheWriterAreReturned(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	w := openevent.NewWriter(io.Discard, openevent.DialectA)
	require.Equal(t, broken, openevent.WriteRecords(w, openevent.Tracks, failed[openevent.Track](broken)))
	w = openevent.NewWriter(brokenWriter{broken}, openevent.DialectA)
	err := openevent.WriteRecords(w, openevent.Tracks, several(openevent.Track{}))
	if err == nil {
		err = w.Close()
	}
	require.ErrorIs(t, err, broken)
}

type brokenWriter struct{ err error }

func (b brokenWriter) Write([]byte) (int, error) { return 0, b.err }

func TestMediaHaveNamesThatTheyAreFoundBy(t *testing.T) {
	t.Parallel()
	w := openevent.NewWriter(io.Discard, openevent.DialectA)
	for _, name := range []string{"", ".", "/x", "../x", "a/../x", "a//x", `a\x`, "a/", "event", "speakers.json", "Session-Types", "meta", "a/ ", "a\xff", "__MACOSX/x", "images/._x", strings.Repeat("x", 1025)} {
		_, err := w.Media(name)
		require.Error(t, err, name)
	}
	for _, name := range []string{"x", "images/speakers/event", "ä/ö"} {
		_, err := w.Media(name)
		require.NoError(t, err, name)
	}
}

func TestDialectsHaveNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]openevent.Dialect{"": openevent.DialectA, "a": openevent.DialectA, "A": openevent.DialectA, "b": openevent.DialectB, "B": openevent.DialectB} {
		d, ok := openevent.ParseDialect(name)
		require.True(t, ok)
		require.Equal(t, want, d)
	}
	for _, name := range []string{"c", " a", "ab"} {
		_, ok := openevent.ParseDialect(name)
		require.False(t, ok)
	}
}

// Also when media come in other pieces.
func TestTheSameCallsWriteTheSameBytes(t *testing.T) {
	t.Parallel()
	content := []byte(strings.Repeat("a file of some length ", 50_000))
	write := func(piece int) [sha256.Size]byte {
		var b bytes.Buffer
		writeHarbour(t, &b, openevent.DialectB)
		w := openevent.NewWriter(&b, openevent.DialectA)
		media, err := w.Media("images/logo.png")
		require.NoError(t, err)
		for rest := content; len(rest) > 0; {
			n, err := media.Write(rest[:min(piece, len(rest))])
			require.NoError(t, err)
			rest = rest[n:]
		}
		require.NoError(t, w.Close())
		return sha256.Sum256(b.Bytes())
	}
	first := write(len(content))
	for _, piece := range []int{1000, 4096, 65_536, 100_001} {
		require.Equal(t, first, write(piece), piece)
	}
}

// It is not parallel: it looks at the memory of the whole process. The records are so much
// alike that they would pack better than a reader with the default limits believes.
func TestAnArchiveOfAnySizeIsWrittenInBoundedMemory(t *testing.T) {
	const sessions = 100_000
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n, peak := 0, uint64(0)
	var size counter
	file, err := os.Create(filepath.Join(t.TempDir(), "large.zip"))
	require.NoError(t, err)
	w := openevent.NewWriter(io.MultiWriter(file, &size), openevent.DialectA)
	require.NoError(t, openevent.WriteRecords(w, openevent.Events, given(harbour(t))))
	require.NoError(t, openevent.WriteRecords(w, openevent.Sessions, func(yield func(openevent.Record[openevent.Session], error) bool) {
		session := openevent.Session{ID: "1", Title: "Knots", ShortAbstract: openevent.HTML(strings.Repeat("<p>How ropes are made.</p>", 40))}
		for range sessions {
			if n++; n%10_000 == 0 {
				runtime.GC()
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapAlloc)
			}
			session.ID = fmt.Sprint(n)
			if !yield(openevent.Record[openevent.Session]{Value: session}, nil) {
				return
			}
		}
	}))
	require.NoError(t, w.Close())
	require.Less(t, peak, before.HeapAlloc+8<<20)
	require.Less(t, int64(size), int64(8<<20))

	a, err := openevent.Open(file, int64(size), openevent.Limits{})
	require.NoError(t, err)
	read := 0
	for _, err := range openevent.Records(a, openevent.Sessions, func(i contracts.Issue) {
		if i.Severity == contracts.Error {
			require.Fail(t, i.Message)
		}
	}) {
		require.NoError(t, err)
		read++
	}
	require.Equal(t, sessions, read)
	require.NoError(t, file.Close())
}

// counter counts what it takes.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
