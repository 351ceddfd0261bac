package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/nats-io/nats.go"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/remap"
	"github.com/usher-events/usher/pkg/stage"
)

// Open opens what the given services need, at least one. The options go to the
// connection to the broker. Close what it returns.
//
// Several services share one connection, and the inbox of the first: an account
// that has the rights of all of them may listen to that, too.
func Open(ctx context.Context, cfg Config, log *slog.Logger, services []Service, opts ...nats.Option) (_ *Resources, err error) {
	res := &Resources{Log: log, Config: cfg, stages: stage.NewMetrics()}
	defer func() {
		if err != nil {
			res.Close()
		}
	}()
	opts = append(opts, cfg.Broker.InboxOf(string(services[0].Name)))
	if res.Broker, err = broker.Connect(ctx, cfg.Broker, log, opts...); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(services, func(s Service) bool { return s.Migrations != nil }) {
		if cfg.DatabaseURL == "" {
			return nil, errors.New("USHER_DATABASE_URL is not set")
		}
		if res.DB, err = postgres.Open(ctx, cfg.DatabaseURL); err != nil {
			return nil, err
		}
	}
	if slices.ContainsFunc(services, func(s Service) bool { return s.UsesBucket }) {
		if cfg.BucketURL == "" {
			return nil, errors.New("USHER_BUCKET_URL is not set")
		}
		if res.Bucket, err = bucket.Open(ctx, cfg.BucketURL); err != nil {
			return nil, err
		}
	}
	if slices.ContainsFunc(services, func(s Service) bool { return s.Routes != nil }) {
		if res.Auth, err = auth.NewVerifier(cfg.Auth); err != nil {
			return nil, err
		}
	}
	return res, nil
}

// Verify checks that broker and database are as the services need them, and
// connects to what only exists then. It changes nothing: `usher provision` and
// `usher migrate` do.
func (r *Resources) Verify(ctx context.Context, services ...Service) error {
	if err := r.Broker.Verify(ctx); err != nil {
		return fmt.Errorf("the broker is not provisioned, run `usher provision`: %w", err)
	}
	if r.DB != nil {
		if err := postgres.VerifyMigrations(ctx, r.DB, Migrations(services...)...); err != nil {
			return fmt.Errorf("the database is not migrated, run `usher migrate`: %w", err)
		}
	}
	kv, err := r.Broker.Remaps(ctx)
	if err != nil {
		return err
	}
	r.Remaps = remap.NewStore(kv)
	return nil
}

// Ping tells whether everything that is open answers.
func (r *Resources) Ping(ctx context.Context) error {
	var errs []error
	if err := r.Broker.Ping(ctx); err != nil {
		errs = append(errs, fmt.Errorf("broker: %w", err))
	}
	if r.DB != nil {
		if err := r.DB.PingContext(ctx); err != nil {
			errs = append(errs, fmt.Errorf("database: %w", err))
		}
	}
	if r.Bucket != nil {
		if err := r.Bucket.Ping(ctx); err != nil {
			errs = append(errs, fmt.Errorf("bucket: %w", err))
		}
	}
	return errors.Join(errs...)
}

// Close closes what is open. It is for after Run.
func (r *Resources) Close() {
	if r.Bucket != nil {
		_ = r.Bucket.Close() // everything stored was durable before
	}
	if r.DB != nil {
		_ = r.DB.Close() // every transaction has ended
	}
	if r.Broker != nil {
		r.Broker.Close()
	}
}
