package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"golang.org/x/sync/errgroup"

	"github.com/usher-events/usher/pkg/stage"
)

// drainTimeout is how long a stopping process waits for what it has begun. A
// stage may be in the middle of a large archive; whoever supervises the process
// has a shorter patience anyway, and kill -9 loses nothing.
const drainTimeout = 10 * time.Minute

// Run runs the services over opened and verified resources until ctx is
// cancelled or one of them fails. It serves HTTP on the listener, which it
// closes, and calls ready once it serves and its stages pull. When ctx is
// cancelled it stops pulling and accepting, finishes what it has begun and
// returns nil.
func Run(ctx context.Context, res *Resources, listener net.Listener, ready func(), services ...Service) error {
	var pulling atomic.Bool
	mux, err := NewMux(res, func(r *http.Request) error {
		if !pulling.Load() {
			return errors.New("starting or stopping")
		}
		return res.Ping(r.Context())
	}, services...)
	if err != nil {
		return err
	}
	router, consumers, err := newRouter(res, services)
	if err != nil {
		return err
	}
	if len(consumers) > 0 {
		limitMemory()
		// Until the last handler has ended, however long after the pulling.
		leave, err := res.Broker.Announce(consumers)
		if err != nil {
			return err
		}
		defer leave()
	}
	server := &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		ErrorLog:          slog.NewLogLogger(res.Log.Handler(), slog.LevelWarn),
	}

	group, ctx := errgroup.WithContext(ctx)
	if address := res.Config.ProfileListen; address != "" {
		profiling, err := Listen(ctx, address)
		if err != nil {
			return err
		}
		res.Log.InfoContext(ctx, "profiles", "address", profiling.Addr().String())
		group.Go(func() error { return serveProfiles(ctx, profiling) })
	}
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve %s: %w", listener.Addr(), err)
		}
		return nil
	})
	if len(consumers) > 0 {
		// The router must not see ctx end: it would cancel the handlers that
		// are to finish. It is closed below.
		group.Go(func() error { return router.Run(context.WithoutCancel(ctx)) })
	}
	for _, s := range services {
		if s.Loops == nil {
			continue
		}
		for _, loop := range s.Loops(res) {
			group.Go(func() error {
				if err := loop.Run(ctx); err != nil {
					return fmt.Errorf("%s: %w", loop.Name, err)
				}
				return nil
			})
		}
	}
	group.Go(func() error {
		if len(consumers) > 0 {
			select {
			case <-router.Running():
			case <-ctx.Done():
			}
		}
		if ctx.Err() == nil {
			pulling.Store(true)
			ready()
		}
		<-ctx.Done()
		pulling.Store(false)
		return stop(ctx, server, router, len(consumers) > 0)
	})
	return group.Wait()
}

// stop ends serving and pulling side by side: an upload in progress and a stage
// in progress both are finished.
func stop(ctx context.Context, server *http.Server, router *message.Router, pulling bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	var group errgroup.Group
	group.Go(func() error { return server.Shutdown(ctx) })
	if pulling {
		group.Go(router.Close)
	}
	return group.Wait()
}

// newRouter returns a router with all stages of the services, and the names of
// their consumers.
func newRouter(res *Resources, services []Service) (*message.Router, []string, error) {
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: drainTimeout}, quiet(res.Log))
	if err != nil {
		return nil, nil, fmt.Errorf("router: %w", err)
	}
	var consumers []string
	for _, s := range services {
		if s.Stages == nil {
			continue
		}
		for _, declared := range s.Stages(res) {
			runner := stage.NewRunner(declared, res.ForStages())
			runner.Attach(router, res.Config.Workers)
			consumers = append(consumers, res.Broker.Names().Consumer(declared.Kind, declared.Name))
		}
	}
	return router, consumers, nil
}

// quiet lowers what the router says: the stage runtime logs each failure once
// itself, with what is needed to find it.
func quiet(log *slog.Logger) watermill.LoggerAdapter {
	return watermill.NewSlogLoggerWithLevelMapping(log, map[slog.Level]slog.Level{
		slog.LevelInfo:  slog.LevelDebug,
		slog.LevelError: slog.LevelDebug,
	})
}
