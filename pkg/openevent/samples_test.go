//go:build samples

package openevent_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// openSample opens an archive of the folder that SAMPLES names.
func openSample(t *testing.T, path string) *openevent.Archive {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, f.Close()) })
	info, err := f.Stat()
	require.NoError(t, err)
	a, err := openevent.Open(f, info.Size(), openevent.Limits{})
	require.NoError(t, err)
	return a
}

func samplesFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("SAMPLES")
	require.NotEmpty(t, folder, "SAMPLES names the folder of the sample archives")
	return folder
}

func TestSamplesFossasia16IsExact(t *testing.T) {
	t.Parallel()
	a := openSample(t, filepath.Join(samplesFolder(t), "fossasia16-v1.zip"))
	var issues []contracts.Issue
	summary, err := openevent.Check(a, func(i contracts.Issue) { issues = append(issues, i) })
	require.NoError(t, err)
	told := map[string]int{}
	for _, i := range issues {
		told[i.Code]++
	}
	require.Equal(t, map[string]int{
		openevent.CodeDuplicateKey: 2, openevent.CodeMediaName: 4, openevent.CodeMediaMissing: 1, openevent.CodeUnusedFiles: 1,
	}, told)
	require.Equal(t, map[contracts.EntityType]int{
		contracts.Events: 1, contracts.SocialLinks: 8, contracts.CustomForms: 25,
		contracts.Sponsors: 11, contracts.Speakers: 187,
		contracts.Microlocations: 17, contracts.Tracks: 18, contracts.SessionTypes: 32,
		contracts.Sessions: 493, contracts.SessionSpeakers: 299, contracts.MediaFiles: 188,
	}, summary.Totals)

	found, respelled, missing := 0, 0, 0
	count := func(refs []openevent.MediaRef) {
		for _, ref := range refs {
			switch m, ok := a.Media(ref.Value); {
			case !ok:
				missing++
			case m.Respelled:
				respelled++
			default:
				found++
			}
		}
	}
	for r, err := range openevent.Records(a, openevent.Events, nil) {
		require.NoError(t, err)
		count(r.Value.Media())
	}
	for r, err := range openevent.Records(a, openevent.Sponsors, nil) {
		require.NoError(t, err)
		count(r.Value.Media())
	}
	for r, err := range openevent.Records(a, openevent.Speakers, nil) {
		require.NoError(t, err)
		count(r.Value.Media())
	}
	require.Equal(t, 183, found)
	require.Equal(t, 4, respelled) // UTF-8 that is not marked as such
	require.Equal(t, 1, missing)   // which is not there under any name

	// No dangling references (above), and none that is not there.
	for r, err := range openevent.Records(a, openevent.Sessions, nil) {
		require.NoError(t, err)
		require.False(t, r.Value.Track.IsZero())
		require.False(t, r.Value.Microlocation.IsZero())
		require.False(t, r.Value.SessionType.IsZero())
	}
}

func TestSamplesOfDialectAHaveNoErrors(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"fossasia16-v1.zip", "ots18-v1-small.zip", "ots16-v1-bare-media-paths.zip", "fossasia18-v1-offsets.zip"} {
		a := openSample(t, filepath.Join(samplesFolder(t), name))
		_, err := openevent.Check(a, func(i contracts.Issue) {
			require.NotEqual(t, contracts.Error, i.Severity, "%s: %s", name, i)
		})
		require.NoError(t, err)
	}
}

func TestSamplesOfEveryDialectGiveLocatedIssues(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join(samplesFolder(t), "*.zip"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		codes := map[string]int{}
		summary, err := openevent.Check(openSample(t, path), func(i contracts.Issue) {
			codes[fmt.Sprintf("%s %s", i.Severity, i.Code)]++
			if i.Code != openevent.CodeUnusedFiles {
				require.NotEmpty(t, i.File, i.Code)
			}
			require.NotEmpty(t, i.Message, i.Code)
			if i.RecordIndex != nil || i.Code == openevent.CodeJSONSyntax {
				require.Positive(t, i.Line, i.Code)
				require.Positive(t, i.Column, i.Code)
			}
		})
		require.NoError(t, err)
		lines := make([]string, 0, len(codes))
		for code, n := range codes {
			lines = append(lines, fmt.Sprintf("%s: %d", code, n))
		}
		slices.Sort(lines)
		t.Logf("%s: %v %q", filepath.Base(path), summary.Totals, lines)
	}
}
