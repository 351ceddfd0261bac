package standalone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/nats-io/nats.go"

	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/private"
	"github.com/usher-events/usher/pkg/service"
)

// Options say how Up runs.
type Options struct {
	// Folder is where everything is kept.
	Folder Folder
	// Listen is the address to serve HTTP on.
	Listen string
	// NATSListen is the address on which other processes reach the embedded
	// broker; empty is none.
	NATSListen string
}

// Up runs everything until ctx is cancelled: broker, database and bucket in the
// folder, except those that the settings name elsewhere, and all services. It
// calls ready with the URL once all of it works.
func Up(ctx context.Context, cfg service.Config, opts Options, log *slog.Logger, ready func(url string)) (err error) {
	// The address first: nothing is started for a port that is taken.
	listener, err := service.Listen(ctx, opts.Listen)
	if err != nil {
		return err
	}
	defer listener.Close() //nolint:errcheck // Run closes it; this is for when Run is not reached
	if cfg.PublicURL == "" {
		cfg.PublicURL = service.URLOf(listener)
	}
	if cfg.Auth.Secret == "" {
		if cfg.Auth.Secret, err = opts.Folder.Secret(); err != nil {
			return err
		}
	}
	if cfg.BucketURL == "" {
		blobs, err := filepath.Abs(opts.Folder.blobs())
		if err != nil {
			return fmt.Errorf("bucket: %w", err)
		}
		cfg.BucketURL = "file://" + filepath.ToSlash(blobs)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	if cfg.DatabaseURL == "" {
		server, err := private.Start(ctx, opts.Folder.postgres(), log)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, server.Close()) }()
		cfg.DatabaseURL = server.URL()
		go endWith(ctx, cancel, server)
	}
	var natsOptions []nats.Option
	if cfg.Broker.URL == "" {
		server, err := embedded.Start(ctx, embedded.Config{Dir: opts.Folder.nats(), Listen: opts.NATSListen}, log)
		if err != nil {
			return err
		}
		defer server.Close()
		natsOptions = append(natsOptions, server.Option())
		if url := server.URL(); url != "" {
			log.Info("broker", "url", url)
		}
	}

	services := Services()
	res, err := service.Open(ctx, cfg, log, services, natsOptions...)
	if err != nil {
		return err
	}
	defer res.Close()
	if err := res.Broker.Provision(ctx); err != nil {
		return err
	}
	if err := postgres.Migrate(ctx, res.DB, service.Migrations(services...)...); err != nil {
		return err
	}
	if err := res.Verify(ctx, services...); err != nil {
		return err
	}
	err = service.Run(ctx, res, listener, func() { ready(service.URLOf(listener)) }, services...)
	if cause := context.Cause(ctx); err == nil && errors.Is(cause, errDatabaseEnded) {
		return cause
	}
	return err
}

var errDatabaseEnded = errors.New("the database server has ended by itself")

// endWith stops the process in order when its database server is gone: it was
// started by us, so nobody else brings it back.
func endWith(ctx context.Context, cancel context.CancelCauseFunc, server *private.Server) {
	select {
	case <-ctx.Done():
	case <-server.Done():
		cancel(errDatabaseEnded)
	}
}
