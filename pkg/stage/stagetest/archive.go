package stagetest

import (
	"archive/zip"
	"bytes"
	"image"
	"image/png"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// Files of a small made-up archive that has one of everything, with relations
// between all of them, and one picture that is missing.
func files(t testing.TB) map[string]string {
	t.Helper()
	var picture bytes.Buffer
	require.NoError(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 4, 3))))
	return map[string]string{
		"event": `{"id": 7, "name": "Lantern Days", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00",
			"timezone": "Europe/Lisbon", "logo": "/images/logo.png", "identifier": "1a2b3c4d",
			"social_links": [{"id": 1, "name": "Web", "link": "https://lantern.example"}]}`,
		"forms":          `[{"id": 1, "session_form": "{\"title\":{\"require\":1,\"include\":1}}", "speaker_form": "{\"name\":{\"require\":1,\"include\":1}}"}]`,
		"microlocations": `[{"id": 10, "name": "Hall", "floor": 1}, {"id": 2, "name": "Loft"}]`,
		"sponsors":       `[{"id": 1, "name": "Brass Works", "level": "1", "logo": "/images/sponsors/BrassWorks_1.png"}]`,
		"speakers": `[{"id": 2, "name": "Ana Faro", "photo": "/images/speakers/gone.png"},
			{"id": 10, "name": "Bo Lund", "email": "bo@lund.example"}]`,
		"tracks":        `[{"id": 1, "name": "Light", "color": "#ffcc00"}]`,
		"session_types": `[{"id": 1, "name": "Talk", "length": "00:30"}]`,
		"sessions": `[{"id": 5, "title": "Wicks", "start_time": "2031-05-02T10:00:00", "end_time": "2031-05-02T10:30:00",
				"track": {"id": 1}, "microlocation": {"id": 2}, "session_type": {"id": 1}, "speakers": [{"id": 2}, {"id": 10}], "state": "accepted"},
			{"id": 6, "title": "Glass", "start_time": "2031-05-02T11:00:00", "end_time": "2031-05-02T11:30:00",
				"track": 1, "microlocation": null, "session_type": {"id": 1}, "speakers": [{"id": 10}], "state": "accepted"}]`,
		"images/logo.png":                  picture.String(),
		"images/sponsors/BrassWorks_1.png": picture.String(),
	}
}

// Archive returns a small made-up archive with one of everything.
func Archive(t testing.TB) []byte {
	t.Helper()
	return zipOf(t, files(t))
}

// BrokenArchive is Archive with a list that is no JSON and a record that has no name.
func BrokenArchive(t testing.TB) []byte {
	t.Helper()
	broken := files(t)
	broken["event"] = `{"id": 7, "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00"}`
	broken["sessions"] = "[\n {\"id\": 1,, }\n]"
	return zipOf(t, broken)
}

func zipOf(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(w, content)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

func newReader(b []byte) io.Reader { return bytes.NewReader(b) }
