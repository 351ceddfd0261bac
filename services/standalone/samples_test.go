//go:build samples

package standalone_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
)

// read returns a real archive; the folder is outside of the project.
func read(t *testing.T, name string) []byte {
	t.Helper()
	folder := os.Getenv("SAMPLES")
	require.NotEmpty(t, folder, "SAMPLES names the folder of real archives")
	archive, err := os.ReadFile(filepath.Join(folder, name))
	require.NoError(t, err)
	return archive
}

// fossasia16 is what the archive of that event comes to, counted by hand.
var fossasia16 = inventory{
	Sessions: 493, Speakers: 187, Tracks: 18, Microlocations: 17, SessionTypes: 32,
	Sponsors: 11, SocialLinks: 8, SessionSpeakers: 299, Unplaced: 0, Stored: 187, NotStored: 1,
}

func TestRealArchiveComesToExactlyItsRecordsAndFiles(t *testing.T) {
	t.Parallel()
	archive := read(t, "fossasia16-v1.zip")
	folder, blobs := dataFolder(t), t.TempDir()
	p := up(t, folder, "USHER_BUCKET_URL=file://"+blobs)
	olga := as(t, p, folder, "olga@organizers.example", false)
	id := olga.upload(t, archive)
	result := olga.succeeded(t, id)
	require.Equal(t, fossasia16, olga.inventory(t, result.ID))
	counted := expected(t, archive)
	require.Equal(t, fossasia16, counted, "the other tests count alike")

	// Every stored file is byte for byte the one that its record names.
	files := entries(t, archive)
	var want []string
	for _, m := range olga.all(t, "/v1/events/"+result.ID+"/media") {
		if m.Attributes["state"] != "stored" {
			continue
		}
		path, ok := m.Attributes["path"].(string)
		require.True(t, ok)
		content := files[strings.TrimPrefix(path, "/")]
		sum := sha256.Sum256(content)
		require.Equal(t, hex.EncodeToString(sum[:]), m.Attributes["sha256"], path)
		require.InDelta(t, len(content), m.Attributes["size"], 0, path)
		want = append(want, hex.EncodeToString(sum[:]))
	}
	require.ElementsMatch(t, want, stored(t, blobs, id))

	var issues struct{ Data []contracts.Issue }
	olga.get(t, "/v1/imports/"+id+"/issues?filter[code]=media_missing", &issues)
	require.Len(t, issues.Data, 1)
	for _, i := range issues.Data {
		require.Equal(t, contracts.Warning, i.Severity)
		require.Equal(t, "speakers", i.File)
		require.Positive(t, i.Line)
		require.NotEmpty(t, i.Value)
	}
}

// stored returns the hashes of an import's media files, as they lie in the bucket.
func stored(t *testing.T, folder, importID string) []string {
	t.Helper()
	b, err := bucket.Open(t.Context(), "file://"+folder)
	require.NoError(t, err)
	defer func() { require.NoError(t, b.Close()) }()
	var sums []string
	list := b.List(&blob.ListOptions{Prefix: bucket.MediaKey(importID, "")})
	for {
		object, err := list.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return sums
		}
		require.NoError(t, err)
		content, err := b.ReadAll(t.Context(), object.Key)
		require.NoError(t, err)
		sum := sha256.Sum256(content)
		sums = append(sums, hex.EncodeToString(sum[:]))
	}
}

func TestRealArchiveTwiceAndTenOfThemAtOnceStayWholeAndApart(t *testing.T) {
	t.Parallel()
	archive := read(t, "fossasia16-v1.zip")
	folder := dataFolder(t)
	p := up(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	first := olga.succeeded(t, olga.upload(t, archive))
	second := olga.succeeded(t, olga.upload(t, archive))
	require.NotEqual(t, first.Identifier, second.Identifier)
	require.Equal(t, fossasia16, olga.inventory(t, first.ID))
	require.Equal(t, fossasia16, olga.inventory(t, second.ID))

	names := []string{"fossasia16-v1.zip", "ots18-v1-small.zip", "fossasia18-v1-offsets.zip"}
	var ids []string
	archives := make(map[string][]byte)
	for _, name := range names {
		archives[name] = read(t, name)
	}
	for i := range 10 {
		ids = append(ids, olga.upload(t, archives[names[i%len(names)]]))
	}
	for i, id := range ids {
		result := olga.succeeded(t, id)
		require.Equal(t, expected(t, archives[names[i%len(names)]]), olga.inventory(t, result.ID), names[i%len(names)])
	}
	require.Len(t, olga.all(t, "/v1/events"), 12)
}

func TestRealArchiveSurvivesTenKills(t *testing.T) {
	t.Parallel()
	archive := read(t, "fossasia16-v1.zip")
	killAtEveryMoment(t, archive, fossasia16)
}
