//go:build samples

package openevent_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// What real archives say is the same when it is written and read again.
func TestSamplesAreReadAsTheyWereWritten(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join(samplesFolder(t), "*.zip"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		source := openSample(t, path)
		for _, d := range []openevent.Dialect{openevent.DialectA, openevent.DialectB} {
			var b bytes.Buffer
			w := openevent.NewWriter(&b, d)
			writeAgain(t, w, source, openevent.Events)
			writeAgain(t, w, source, openevent.Forms)
			writeAgain(t, w, source, openevent.Microlocations)
			writeAgain(t, w, source, openevent.Sponsors)
			writeAgain(t, w, source, openevent.Speakers)
			writeAgain(t, w, source, openevent.Tracks)
			writeAgain(t, w, source, openevent.SessionTypes)
			writeAgain(t, w, source, openevent.Sessions)
			require.NoError(t, w.Close())
			again, err := openBytes(b.Bytes(), openevent.Limits{})
			require.NoError(t, err)
			name := filepath.Base(path) + " in " + string(d)
			sameAgain(t, name, source, again, openevent.Events)
			sameAgain(t, name, source, again, openevent.Forms)
			sameAgain(t, name, source, again, openevent.Microlocations)
			sameAgain(t, name, source, again, openevent.Sponsors)
			sameAgain(t, name, source, again, openevent.Speakers)
			sameAgain(t, name, source, again, openevent.Tracks)
			sameAgain(t, name, source, again, openevent.SessionTypes)
			sameAgain(t, name, source, again, openevent.Sessions)
			_, issues := checkArchive(t, again)
			for _, i := range issues {
				require.NotEqual(t, contracts.Error, i.Severity, "%s: %v", name, i)
				require.NotContains(t, []string{openevent.CodeDuplicateKey, openevent.CodeTwoSpellings, openevent.CodeTimeCorrected, openevent.CodeTimezoneCorrected, openevent.CodeMediaName, openevent.CodeWrongType}, i.Code, "%s: %v", name, i)
			}
		}
	}
}

func writeAgain[T any](t *testing.T, w *openevent.Writer, source *openevent.Archive, f openevent.File[T]) {
	t.Helper()
	require.NoError(t, openevent.WriteRecords(w, f, openevent.Records(source, f, nil)))
}

func sameAgain[T any](t *testing.T, name string, source, again *openevent.Archive, f openevent.File[T]) {
	t.Helper()
	want, _ := readAll(t, source, f)
	got, issues := readAll(t, again, f)
	// A record that another one with its id is like in all that counts is its copy now.
	if slices.Contains(codes(issues), openevent.CodeDuplicateRecord) {
		want, got = once(want), once(got)
	}
	require.Len(t, got, len(want), name)
	for i := range want {
		require.Equal(t, want[i].Value, got[i].Value, "%s: %s", name, want[i].Pointer)
		if unknown := want[i].Unknown(); unknown == nil {
			require.Nil(t, got[i].Unknown())
		} else {
			require.JSONEq(t, string(unknown), string(got[i].Unknown()), "%s: %s", name, want[i].Pointer)
		}
	}
}

// once gives the first record of each id.
func once[T any](records []openevent.Record[T]) []openevent.Record[T] {
	seen := map[string]bool{}
	return slices.DeleteFunc(records, func(r openevent.Record[T]) bool {
		before := seen[r.ID]
		seen[r.ID] = true
		return before
	})
}
