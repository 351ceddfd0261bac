package command

import (
	"cmp"
	"context"
	"fmt"
	"strings"

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
	log := cfg.Logger(t.Err)
	return standalone.Up(ctx, cfg, opts, log, func(url string) {
		// Serving goes on without a reader, and without a link.
		_, _ = fmt.Fprintf(t.Out, "usher is ready: %s\n", url)
		signer, err := signerOf(cfg, folder)
		if err != nil {
			log.WarnContext(ctx, "no link to sign in", "error", err)
			return
		}
		link, err := linkOf(signer, operator, strings.TrimRight(cmp.Or(cfg.PublicURL, url), "/"))
		if err != nil {
			log.WarnContext(ctx, "no link to sign in", "error", err)
			return
		}
		_, _ = fmt.Fprintf(t.Out, "sign in: %s\n", link)
	})
}

func folderOf(data string) (standalone.Folder, error) {
	if data == "" {
		return standalone.DefaultFolder()
	}
	return standalone.Folder(data), nil
}
