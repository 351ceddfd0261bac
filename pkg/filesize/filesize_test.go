package filesize_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/filesize"
)

func TestSizesAreSaidAsPeopleDo(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 4711: "5 kB", 12_345_678: "12.3 MB", 1 << 32: "4.3 GB"} {
		require.Equal(t, want, filesize.Word(n))
	}
}
