package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

const (
	// defaultMaxConns suits one service: a few stages' transactions and its queries.
	defaultMaxConns = 16
	// connMaxLifetime lets connections move on to another host after a failover.
	connMaxLifetime = 30 * time.Minute
	connectTimeout  = 10 * time.Second
)

// Option changes how [Open] connects.
type Option func(*options)

type options struct {
	name     string
	maxConns int
	metrics  *Metrics
}

// WithName sets application_name, by which an operator recognizes the
// connections in pg_stat_activity. The default is "usher".
func WithName(name string) Option { return func(o *options) { o.name = name } }

// WithMaxConns bounds the pool. The default is 16.
func WithMaxConns(n int) Option { return func(o *options) { o.maxConns = n } }

// Open connects to the database that url names (postgres://user:password@host:port/database)
// and pings it, so that a wrong address or password is known at the start.
// The caller closes the result. No error of it contains the password.
//
// Settings in the url (such as synchronous_commit or application_name) win over ours.
func Open(ctx context.Context, url string, opts ...Option) (*bun.DB, error) {
	o := options{name: "usher", maxConns: defaultMaxConns}
	for _, set := range opts {
		set(&o)
	}
	cfg, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	// Bun writes the arguments into the text of a query; the default mode would
	// prepare a new statement for each text, at almost twice the time.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeSimpleProtocol
	cfg.Tracer = tracer{o.metrics}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	setDefaults(cfg.RuntimeParams, map[string]string{
		"application_name": o.name,
		// What is acknowledged must be on disk.
		"synchronous_commit": "on",
		"timezone":           "UTC",
		// A session whose machine vanished keeps its locks until the server
		// notices; by default that takes two hours.
		"tcp_keepalives_idle":     "30",
		"tcp_keepalives_interval": "10",
		"tcp_keepalives_count":    "3",
	})

	pool := stdlib.OpenDB(*cfg)
	pool.SetMaxOpenConns(o.maxConns)
	// The default of two idle connections would open and close one for almost
	// every query of a busy service.
	pool.SetMaxIdleConns(o.maxConns)
	pool.SetConnMaxIdleTime(connMaxLifetime)
	pool.SetConnMaxLifetime(connMaxLifetime)

	db := bun.NewDB(pool, pgdialect.New())
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("database %s: %w", address(cfg), err)
	}
	return db, nil
}

// parseURL does not pass the parser's message on: it quotes the url, and in a
// malformed one nobody can tell what is the password.
func parseURL(url string) (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, ErrBadURL
	}
	return cfg, nil
}

// address names the database without its credentials.
func address(cfg *pgx.ConnConfig) string {
	return fmt.Sprintf("%q on %s:%d", cfg.Database, cfg.Host, cfg.Port)
}

func setDefaults(params, defaults map[string]string) {
	for name, value := range defaults {
		if _, ok := params[name]; !ok {
			params[name] = value
		}
	}
}
