package command

import (
	"context"

	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/standalone"
)

// Run is `usher run`.
type Run struct {
	Services []string `arg:"" help:"Services to run in this process: ingest, event, people, schedule, media, notify, query."`
	Listen   string   `help:"Address to serve on; default is USHER_LISTEN, else :8080." placeholder:"ADDR"`
}

// Run runs the services until it is told to stop. They only verify that broker
// and database are as they need them; provision and migrate make them so.
func (r *Run) Run(ctx context.Context) error {
	services, err := standalone.Select(r.Services)
	if err != nil {
		return err
	}
	cfg, err := service.ConfigFromEnv()
	if err != nil {
		return err
	}
	if r.Listen != "" {
		cfg.Listen = r.Listen
	}
	return service.Serve(ctx, cfg, services...)
}
