package service

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProfilesAreServedOnAnAddressOfTheirOwnUntilTheProcessEnds(t *testing.T) {
	t.Parallel()
	listener, err := Listen(t.Context(), "127.0.0.1:0")
	require.NoError(t, err)
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serveProfiles(ctx, listener) }()
	status := func(path string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, URLOf(listener)+path, nil)
		require.NoError(t, err)
		answer, err := (&http.Client{Timeout: time.Minute}).Do(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		return answer.StatusCode
	}
	require.Equal(t, http.StatusOK, status("/debug/pprof/goroutine"))
	require.Equal(t, http.StatusOK, status("/debug/pprof/profile?seconds=1"))
	require.Equal(t, http.StatusNotFound, status("/debug/pprof/cmdline"))
	require.Equal(t, http.StatusNotFound, status("/metrics"))
	end()
	require.NoError(t, <-ended)
}
