package command

import (
	"context"
	"fmt"

	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/standalone"
)

// Up is `usher up`.
type Up struct {
	Data       string `help:"Folder that everything is kept in; default is a folder of yours, or /var/lib/usher for root." placeholder:"DIR"`
	Listen     string `help:"Address to serve on; port 0 takes any free one." default:"127.0.0.1:8080" placeholder:"ADDR"`
	NATSListen string `name:"nats-listen" help:"Address on which other processes reach the embedded broker; default is none." placeholder:"ADDR"`
}

// Run runs everything until it is told to stop.
func (u *Up) Run(ctx context.Context, t *Terminal) error {
	cfg, err := service.ConfigFromEnv()
	if err != nil {
		return err
	}
	folder, err := folderOf(u.Data)
	if err != nil {
		return err
	}
	opts := standalone.Options{Folder: folder, Listen: u.Listen, NATSListen: u.NATSListen}
	return standalone.Up(ctx, cfg, opts, cfg.Logger(t.Err), func(url string) {
		_, _ = fmt.Fprintf(t.Out, "usher is ready: %s\n", url) // serving goes on without a reader
	})
}

func folderOf(data string) (standalone.Folder, error) {
	if data == "" {
		return standalone.DefaultFolder()
	}
	return standalone.Folder(data), nil
}
