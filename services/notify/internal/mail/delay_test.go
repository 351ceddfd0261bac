package mail

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDelaysGrowUpToTheLongest(t *testing.T) {
	t.Parallel()
	var s Sender
	require.Equal(t, 5*time.Second, s.delay(1))
	require.Equal(t, 10*time.Second, s.delay(2))
	require.Equal(t, 20*time.Second, s.delay(3))
	require.Equal(t, time.Hour, s.delay(12))
	require.Equal(t, time.Hour, s.delay(1_000_000))
	s.FirstDelay = time.Millisecond
	require.Equal(t, 4*time.Millisecond, s.delay(3))
}

func TestLeaseIsLongerThanAnyDelivery(t *testing.T) {
	t.Parallel()
	require.Greater(t, lease, phases*phaseTimeout)
}
