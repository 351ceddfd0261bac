package bucket_test

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// A folder is read first, and then asked about each of its files.
func TestBelowGoesOnWhenAFileGetsItsNameMeanwhile(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	b := open(t, "file://"+folder)
	var want []string
	for n := range 1000 { // a page
		want = append(want, fmt.Sprintf("%04d", n))
		require.NoError(t, os.WriteFile(filepath.Join(folder, want[n]), nil, 0o600))
	}
	temporary, pipe := filepath.Join(folder, "blob.1f.tmp"), filepath.Join(folder, want[0]+".attrs")
	require.NoError(t, os.WriteFile(temporary, nil, 0o600))
	want = append(want, "blob")

	var got []string
	named := make(chan error, 1)
	for listed, err := range b.Below(t.Context(), "") {
		require.NoError(t, err)
		if got = append(got, listed.Key); len(got) > 1 {
			continue
		}
		// The driver looks for attributes of each file. These it waits for, when it
		// lists the second page, until somebody has opened them to write.
		require.NoError(t, syscall.Mkfifo(pipe, 0o600))
		go func() {
			attributes, err := os.OpenFile(pipe, os.O_WRONLY, 0)
			if err == nil {
				err = os.Rename(temporary, filepath.Join(folder, "blob"))
			}
			if err == nil {
				err = os.Remove(pipe)
			}
			if err == nil {
				err = attributes.Close()
			}
			named <- err
		}()
	}
	require.NoError(t, <-named)
	require.Equal(t, want, got)
}
