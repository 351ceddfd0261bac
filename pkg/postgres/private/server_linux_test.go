package private_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestThrowawayServerDiesWithItsParent(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	child, childURL := startChild(t, dir, true)
	require.Equal(t, "off", query(t, childURL, `SELECT current_setting('fsync')`))
	pid := postmaster(t, dir)
	kill(t, child)
	require.Eventually(t, func() bool { return !running(pid) }, patience, 10*time.Millisecond)
}
