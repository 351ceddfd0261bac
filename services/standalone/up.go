package standalone

import (
	"context"
	"errors"
	"log/slog"

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
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	ground, err := Found(ctx, cfg, opts.Folder, opts.NATSListen, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ground.Close()) }()
	if ground.database != nil {
		go endWith(ctx, cancel, ground.database)
	}
	if url := ground.brokerURL(); url != "" {
		log.Info("broker", "url", url)
	}

	services := Services()
	res, err := service.Open(ctx, ground.Config, log, services, ground.NATS...)
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
