package service

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/remap"
	"github.com/usher-events/usher/pkg/stage"
)

// Service declares one service. All but Name may be left out.
type Service struct {
	Name contracts.Service
	// Migrations has, in its folder "migrations", the service's tables, in the
	// schema of its name. A service without any has no database.
	Migrations fs.FS
	// UsesBucket tells that the service reads or writes blobs.
	UsesBucket bool
	// Stages are the steps of pipelines that the service runs.
	Stages func(*Resources) []stage.Stage
	// Routes are the handlers by contracts.Route.Pattern: exactly those that
	// contracts.Routes gives to the service.
	Routes func(*Resources) map[string]http.Handler
	// Loops run beside, as long as the process does.
	Loops func(*Resources) []Loop
	// Metrics are what the service shows of itself under /metrics, beside what
	// its stages do.
	Metrics func(*Resources) []prometheus.Collector
}

// Loop is work that goes on for as long as the process runs.
type Loop struct {
	Name string
	// Run blocks until the context is cancelled, and then returns nil. An
	// error ends the process.
	Run func(ctx context.Context) error
}

// Resources is what services work with. Those that no service of the process
// asks for are nil.
type Resources struct {
	DB     *bun.DB
	Broker *broker.Broker
	Remaps *remap.Store
	Bucket *bucket.Bucket
	Auth   *auth.Verifier
	Log    *slog.Logger
	Config Config

	stages     *stage.Metrics
	statements *postgres.Metrics
	tracer     trace.Tracer
	endTracing func()
}

// Tracer begins the spans of what nothing else has begun: it is off unless the settings
// say otherwise.
func (r *Resources) Tracer() trace.Tracer {
	if r.tracer == nil {
		return noop.NewTracerProvider().Tracer(scope)
	}
	return r.tracer
}

// ForStages is the part of the resources that stages work with.
func (r *Resources) ForStages() stage.Resources {
	return stage.Resources{
		DB: r.DB, Broker: r.Broker, Bucket: r.Bucket, Remaps: r.Remaps, Log: r.Log,
		Metrics: r.stages, Tracer: r.Tracer(), MaxTries: r.Config.MaxTries,
	}
}

// Migrations returns the migrations of the given services in the order in
// which they must be applied.
func Migrations(services ...Service) []postgres.Migrations {
	var all []postgres.Migrations
	for _, s := range services {
		if s.Migrations == nil {
			continue
		}
		files, err := fs.Sub(s.Migrations, "migrations")
		if err != nil {
			panic(err) // the name is a valid one, so this cannot be
		}
		if s.Stages != nil {
			all = append(all, stage.Migrations(contracts.Stage(s.Name)))
		}
		all = append(all, postgres.Migrations{Schema: string(s.Name), Name: string(s.Name), Files: files})
	}
	return all
}
