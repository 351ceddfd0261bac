package openevent_test

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/flate"
	"fmt"
	"hash/crc32"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// item is one entry of a made-up archive.
type item struct{ name, content string }

// zipped packs entries in their order.
func zipped(t testing.TB, items ...item) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, it := range items {
		f, err := w.Create(it.name)
		require.NoError(t, err)
		_, err = io.WriteString(f, it.content)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// stored packs one entry without compressing it, which is fast and can be damaged.
func stored(t testing.TB, name, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	f, err := w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	require.NoError(t, err)
	_, err = io.WriteString(f, content)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// entry is one entry of a zip that an honest program would not write.
type entry struct {
	name, content string
	// oldCodePage says that the name is no UTF-8, whatever its bytes are.
	oldCodePage bool
	// packed and unpacked are the sizes that are stated, the true ones where 0.
	packed, unpacked uint64
}

// packed stores entries in their order, without compressing them.
func packed(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		size := uint64(len(e.content))
		f, err := w.CreateRaw(&zip.FileHeader{
			Name: e.name, NonUTF8: e.oldCodePage, Flags: utf8Flag(e), CRC32: crc32.ChecksumIEEE([]byte(e.content)),
			CompressedSize64: cmp.Or(e.packed, size), UncompressedSize64: cmp.Or(e.unpacked, size),
		})
		require.NoError(t, err)
		_, err = io.Copy(f, strings.NewReader(e.content)) // nothing where it is a folder
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return b.Bytes()
}

// utf8Flag is the bit that says that an entry's name is UTF-8.
func utf8Flag(e entry) uint16 {
	if e.oldCodePage {
		return 0
	}
	return 1 << 11
}

// openEntries opens an archive of what packed stores.
func openEntries(t testing.TB, entries ...entry) *openevent.Archive {
	t.Helper()
	a, err := openBytes(packed(t, entries...), openevent.Limits{})
	require.NoError(t, err)
	return a
}

// open opens an archive of the given entries, within the default limits.
func open(t testing.TB, items ...item) *openevent.Archive {
	t.Helper()
	return openWithin(t, openevent.Limits{}, items...)
}

func openWithin(t testing.TB, limits openevent.Limits, items ...item) *openevent.Archive {
	t.Helper()
	b := zipped(t, items...)
	a, err := openevent.Open(bytes.NewReader(b), int64(len(b)), limits)
	require.NoError(t, err)
	return a
}

// readAll returns the records of a file and the issues that came with them.
func readAll[T any](t testing.TB, a *openevent.Archive, f openevent.File[T]) ([]openevent.Record[T], []contracts.Issue) {
	t.Helper()
	var issues []contracts.Issue
	var records []openevent.Record[T]
	for r, err := range openevent.Records(a, f, func(i contracts.Issue) { issues = append(issues, i) }) {
		require.NoError(t, err)
		records = append(records, r)
	}
	return records, issues
}

// codes lists the codes of issues.
func codes(issues []contracts.Issue) []string {
	list := []string{}
	for _, i := range issues {
		list = append(list, i.Code)
	}
	return list
}

const smallEvent = `{"id":1,"name":"Harbour Days","start_time":"2031-05-02T09:00:00","end_time":"2031-05-03T18:00:00","timezone":"Europe/Lisbon"}`

// small is an archive with one record of each kind, all in order.
func small() []item {
	return []item{
		{"event", smallEvent},
		{"forms", `[{"id":1,"session_form":"{\"title\":{\"require\":1,\"include\":1}}","speaker_form":"{\"name\":{\"require\":1,\"include\":1},\"email\":{\"require\":0,\"include\":1}}"}]`},
		{"microlocations", `[{"id":1,"name":"Quay Hall"}]`},
		{"sponsors", `[{"id":1,"name":"Lantern Works","logo":"/images/lantern.png"}]`},
		{"speakers", `[{"id":7,"name":"Ada Quill","photo":"/images/ada.png"}]`},
		{"tracks", `[{"id":1,"name":"Boats","color":"#1485cc"}]`},
		{"session_types", `[{"id":1,"name":"Talk","length":"00:30"}]`},
		{"sessions", `[{"id":1,"title":"Knots","start_time":"2031-05-02T10:00:00","end_time":"2031-05-02T10:30:00","track":{"id":1},"microlocation":{"id":1},"session_type":{"id":1},"speakers":[{"id":7}]}]`},
		{"images/lantern.png", "a lantern"},
		{"images/ada.png", "Ada"},
	}
}

// with replaces the content of one entry, or adds it.
func with(items []item, name, content string) []item {
	for i := range items {
		if items[i].name == name {
			items[i].content = content
			return items
		}
	}
	return append(items, item{name, content})
}

// without removes one entry.
func without(items []item, name string) []item {
	var rest []item
	for _, it := range items {
		if it.name != name {
			rest = append(rest, it)
		}
	}
	return rest
}

// sessionJSON is a believable session, indented as exporters do.
func sessionJSON(id int) string {
	abstract := strings.Repeat(`<p>How ropes are made, and why \"good\" knots hold \u2014 with examples from the harbour.</p>\n`, 8)
	return fmt.Sprintf(`    {
        "id": %d,
        "title": "Knots for beginners, part %d",
        "subtitle": null,
        "level": "1",
        "short_abstract": "%s",
        "long_abstract": "",
        "comments": "",
        "start_time": "2031-05-02T10:00:00+01:00",
        "end_time": "2031-05-02T10:30:00+01:00",
        "track": {
            "id": 1,
            "name": "Boats"
        },
        "microlocation": {
            "id": 1,
            "name": "Quay Hall"
        },
        "session_type": {
            "id": 1,
            "length": "00:30",
            "name": "Talk"
        },
        "speakers": [
            {
                "id": 7,
                "name": "Ada Quill",
                "organisation": "Harbour School"
            }
        ],
        "language": "English",
        "slides": null,
        "audio": null,
        "video": null,
        "signup_url": null,
        "state": "accepted"
    }`, id, id, abstract)
}

// largeArchive has n sessions. It returns the size of its sessions file, too.
func largeArchive(t testing.TB, n int, session func(id int) string) (*openevent.Archive, int64) {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	for _, it := range without(small(), "sessions") {
		f, err := w.Create(it.name)
		require.NoError(t, err)
		_, err = io.WriteString(f, it.content)
		require.NoError(t, err)
	}
	f, err := w.Create("sessions")
	require.NoError(t, err)
	size, lead := int64(0), "[\n"
	for i := range n {
		m, err := io.WriteString(f, lead+session(i+1))
		require.NoError(t, err)
		size, lead = size+int64(m), ",\n"
	}
	_, err = io.WriteString(f, "\n]\n")
	require.NoError(t, err)
	require.NoError(t, w.Close())
	// The abstracts are all alike, which packs better than any real archive.
	a, err := openevent.Open(bytes.NewReader(b.Bytes()), int64(b.Len()), openevent.Limits{Ratio: 10_000})
	require.NoError(t, err)
	return a, size
}
