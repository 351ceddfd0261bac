package command

import (
	"context"
	"fmt"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/service"
)

// Provision is `usher provision`.
type Provision struct{}

// Run makes what the broker lacks. It may be run again at any time.
func (*Provision) Run(ctx context.Context, t *Terminal) error {
	cfg, err := service.ConfigFromEnv()
	if err != nil {
		return err
	}
	b, err := broker.Connect(ctx, cfg.Broker, cfg.Logger(t.Err), cfg.Broker.InboxOf(contracts.Provisioner))
	if err != nil {
		return err
	}
	defer b.Close()
	if err := b.Provision(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.Out, "the broker is provisioned")
	return err
}
