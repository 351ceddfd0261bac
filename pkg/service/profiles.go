package service

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// profiles answers `go tool pprof`: what the process computes, and what its memory holds.
func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index) // and each profile below it
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

// serveProfiles serves them until ctx ends, on a listener of their own: whoever sees them
// could keep the process busy, so they are nothing for where everybody is served.
func serveProfiles(ctx context.Context, listener net.Listener) error {
	server := &http.Server{Handler: profiles(), ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // nobody needs the rest of a profile
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve profiles on %s: %w", listener.Addr(), err)
	}
	return nil
}
