package standalone_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/standalone/internal/sample"
)

// made makes up an archive.
func made(t testing.TB, sessions, speakers int, seed uint64) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, sample.Write(&b, sample.Config{Sessions: sessions, Speakers: speakers, Seed: seed}))
	return b.Bytes()
}

// entries reads an archive with the standard library alone.
func entries(t testing.TB, archive []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	require.NoError(t, err)
	all := make(map[string][]byte, len(z.File))
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		name := f.Name
		if f.NonUTF8 && !utf8.ValidString(name) {
			// This name is in the old code page of zips. Where it is UTF-8 that the
			// zip does not mark as such, it is the name that a record spells.
			name = "code page 437: " + name
		}
		r, err := f.Open()
		require.NoError(t, err)
		all[name], err = io.ReadAll(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
	}
	return all
}

// expected is what an archive of dialect A must come to, counted without any of
// the code that imports it.
func expected(t testing.TB, archive []byte) inventory {
	t.Helper()
	files := entries(t, archive)
	list := func(name string) []map[string]any {
		var records []map[string]any
		if content, ok := files[name]; ok { // a list that is missing is empty
			require.NoError(t, json.Unmarshal(content, &records), name)
		}
		return records
	}
	var event map[string]any
	require.NoError(t, json.Unmarshal(files["event"], &event))

	inv := inventory{
		Tracks:         len(list("tracks")),
		Microlocations: len(list("microlocations")),
	}
	if links, ok := event["social_links"].([]any); ok {
		inv.SocialLinks = len(links)
	}
	media := func(record map[string]any, fields ...string) {
		for _, field := range fields {
			path, ok := record[field].(string)
			if !ok || path == "" || strings.Contains(path, "://") {
				continue
			}
			if _, ok := files[strings.TrimPrefix(path, "/")]; ok {
				inv.Stored++
			} else {
				inv.NotStored++
			}
		}
	}
	media(event, "logo", "background_image", "large", "thumbnail", "icon")
	for _, r := range list("sponsors") {
		inv.Sponsors++
		media(r, "logo")
	}
	for _, r := range list("speakers") {
		inv.Speakers++
		media(r, "photo", "thumbnail", "small", "icon")
	}
	for _, r := range list("tracks") {
		media(r, "track_image_url")
	}
	tracks, rooms, types := list("tracks"), list("microlocations"), list("session_types")
	// Types that only sessions hold copies of are made of these.
	for _, r := range list("sessions") {
		if copied, ok := r["session_type"].(map[string]any); ok && copied["name"] != nil && !refers(copied, types) {
			types = append(types, copied)
		}
	}
	inv.SessionTypes = len(types)
	for _, r := range list("sessions") {
		inv.Sessions++
		media(r, "slides", "audio", "video")
		if speakers, ok := r["speakers"].([]any); ok {
			inv.SessionSpeakers += len(speakers)
		}
		if !refers(r["track"], tracks) || !refers(r["microlocation"], rooms) || !refers(r["session_type"], types) {
			inv.Unplaced++
		}
	}
	return inv
}

// refers tells whether a reference leads to one of the records.
func refers(ref any, records []map[string]any) bool {
	if object, ok := ref.(map[string]any); ok {
		ref = object["id"]
	}
	return ref != nil && slices.ContainsFunc(records, func(r map[string]any) bool { return r["id"] == ref })
}

// zipped makes an archive of the given files.
func zipped(t testing.TB, files map[string]string) []byte {
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
