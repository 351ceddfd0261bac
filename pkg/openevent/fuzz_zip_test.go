package openevent_test

import (
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// mostGrown is how much more memory than the input reading an archive may take.
const mostGrown = 64 << 20

// requireBounded fails where f makes the heap grow by more than mostGrown and
// the input. What counts is what the heap has ever taken from the system, so
// that a peak is seen after it is over.
func requireBounded(t *testing.T, input int, f func()) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	require.LessOrEqual(t, int64(after.HeapSys)-int64(before.HeapSys), int64(mostGrown+input))
}

// readWhole opens an archive, checks it and unpacks the media files of the
// given names. Whatever the bytes are, that ends, and what is wrong is no error
// of the source.
func readWhole(t *testing.T, b []byte, media ...string) {
	t.Helper()
	a, err := openBytes(b, openevent.Limits{})
	if err != nil {
		var wrong *openevent.Error
		require.ErrorAs(t, err, &wrong)
		return
	}
	_, err = openevent.Check(a, func(i contracts.Issue) {
		require.NotEmpty(t, i.Code)
		require.NotEmpty(t, i.Message)
		require.NotContains(t, i.File, "\x00")
		require.LessOrEqual(t, len(i.File), 1024)
		require.LessOrEqual(t, len(i.Value), contracts.MaxIssueValue)
	})
	require.NoError(t, err)
	for _, value := range media {
		m, ok := a.Media(value)
		if !ok {
			continue
		}
		require.NotContains(t, strings.Split(m.Name, "/"), "..")
		require.NotContains(t, []string{"event", "speakers", "event.json", "speakers.json", "meta"}, strings.ToLower(m.Name))
		rc, err := m.Open()
		if err == nil {
			var n int64
			n, err = io.Copy(io.Discard, rc)
			require.LessOrEqual(t, n, m.Size)
			require.NoError(t, rc.Close())
		}
		if err != nil {
			var wrong *openevent.Error
			require.ErrorAs(t, err, &wrong)
		}
	}
}

// FuzzOpen reads any bytes as an archive.
func FuzzOpen(f *testing.F) {
	f.Add(stored(f, "event", smallEvent))
	f.Add(zipped(f, item{"tracks", `[{}]`}))
	f.Add(zipped(f, small()...))
	f.Add([]byte("PK\x05\x06" + string(make([]byte, 18))))
	f.Add(append([]byte("#!/bin/sh\n"), zipped(f, item{"conference/event", smallEvent}, item{"__MACOSX/event", "x"})...))
	f.Add(packed(f, entry{name: "event", content: smallEvent, unpacked: 1 << 33}, entry{name: "a.png", packed: 1 << 40}))
	f.Add(packed(f, entry{name: "images\\Zo\x89.png", content: "picture", oldCodePage: true}, entry{name: "../event", content: "{}"}))
	f.Fuzz(func(t *testing.T, b []byte) {
		requireBounded(t, len(b), func() { readWhole(t, b, "/a.png", "images/Zoë.png") })
	})
}

// FuzzZipOfEntries reads well-formed zips of any names and contents. The lines
// of names are the entries' names, those of contents stand at the same places;
// what has no content of its own has the last.
func FuzzZipOfEntries(f *testing.F) {
	lines := func(items []item) (string, string) {
		var names, contents []string
		for _, it := range items {
			names, contents = append(names, it.name), append(contents, it.content)
		}
		return strings.Join(names, "\n"), strings.Join(contents, "\n")
	}
	names, contents := lines(small())
	f.Add(names, contents, false)
	names, contents = lines(renamed(func(n string) string { return "conference/" + n + ".json" }))
	f.Add(names, contents, true)
	f.Add("event\nEvent.json\nevent\n__MACOSX/event\n./tracks\nTracks", smallEvent+"\n{}\n[\n[]\n[{}]", false)
	f.Add("images\\a.png\n../a.png\n/a.png\nZoë.png\nZoe\u0308.png\nZoÃ«.png\nZo\x89.png\n._a\na/../b\na//b\n", "x", true)
	f.Add("a/event\nb/event\na/speakers", "{}\n{}\n[]", false)
	f.Fuzz(func(t *testing.T, names, contents string, oldCodePage bool) {
		var entries []entry
		var values []string
		content := strings.Split(contents, "\n")
		for i, name := range strings.Split(names, "\n") {
			if len(name) >= 1<<16 || i >= 1000 {
				return
			}
			e := entry{name: name, oldCodePage: oldCodePage}
			if !strings.HasSuffix(name, "/") { // a folder has no content
				e.content = content[min(i, len(content)-1)]
			}
			entries = append(entries, e)
			values = append(values, name, "/"+name, strings.ToValidUTF8(name, ""))
			_, base, _ := strings.Cut(name, "/")
			values = append(values, base)
		}
		b := packed(t, entries...)
		requireBounded(t, len(b), func() { readWhole(t, b, values...) })
	})
}
