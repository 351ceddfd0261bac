package command

import (
	"context"
	"fmt"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/standalone/internal/backup"
)

// Backup is `usher backup`.
type Backup struct {
	Folder  BackupFolder  `cmd:"" default:"withargs" help:"Save the data folder of an usher up that is stopped."`
	Streams BackupStreams `cmd:"" help:"Save the streams of the broker of the settings, which goes on: before the database, and with the bucket copied before and after."`
}

// Restore is `usher restore`.
type Restore struct {
	Folder  RestoreFolder  `cmd:"" default:"withargs" help:"Make a data folder of what was saved."`
	Streams RestoreStreams `cmd:"" help:"Make the streams of the broker of the settings of what was saved, before any service starts."`
}

// BackupFolder is `usher backup folder`.
type BackupFolder struct {
	Data string `help:"The folder; default is a folder of yours, or /var/lib/usher for root." placeholder:"DIR"`
	To   string `help:"File to make, a tar with gzip." required:"" placeholder:"FILE"`
}

// Run saves the folder, which nobody may use meanwhile.
func (c *BackupFolder) Run(ctx context.Context, t *Terminal) (err error) {
	cfg, err := service.ConfigFromEnv()
	if err != nil {
		return err
	}
	folder, err := folderOf(c.Data)
	if err != nil {
		return err
	}
	release, err := folder.Hold(ctx, cfg.Logger(t.Err))
	if err != nil {
		return err
	}
	defer release() //nolint:errcheck // it ends with the process anyway
	if err := backup.SaveFolder(string(folder), c.To); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.Out, "saved in %s\n", c.To)
	return err
}

// RestoreFolder is `usher restore folder`.
type RestoreFolder struct {
	From string `help:"File that was saved." required:"" placeholder:"FILE"`
	Data string `help:"The folder to make; default is a folder of yours, or /var/lib/usher for root." placeholder:"DIR"`
}

// Run makes the folder.
func (c *RestoreFolder) Run(t *Terminal) error {
	folder, err := folderOf(c.Data)
	if err != nil {
		return err
	}
	if err := backup.RestoreFolder(c.From, string(folder)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.Out, "restored in %s\n", folder)
	return err
}

// BackupStreams is `usher backup streams`.
type BackupStreams struct {
	To string `help:"Folder to make." required:"" placeholder:"DIR"`
}

// Run saves the streams.
func (c *BackupStreams) Run(ctx context.Context, t *Terminal) error {
	b, _, err := connected(ctx, t)
	if err != nil {
		return err
	}
	defer b.Close()
	if err := backup.SaveStreams(ctx, b, c.To); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.Out, "saved in %s\n", c.To)
	return err
}

// RestoreStreams is `usher restore streams`.
type RestoreStreams struct {
	From string `help:"Folder that was saved." required:"" placeholder:"DIR"`
}

// Run makes the streams and provisions all else.
func (c *RestoreStreams) Run(ctx context.Context, t *Terminal) error {
	b, cfg, err := connected(ctx, t)
	if err != nil {
		return err
	}
	defer b.Close()
	if err := backup.RestoreStreams(ctx, b, cfg.Replicas, c.From); err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.Out, "the broker is restored and provisioned")
	return err
}

// connected is the broker of the settings.
func connected(ctx context.Context, t *Terminal) (*broker.Broker, broker.Config, error) {
	cfg, err := service.ConfigFromEnv()
	if err != nil {
		return nil, cfg.Broker, err
	}
	b, err := broker.Connect(ctx, cfg.Broker, cfg.Logger(t.Err), cfg.Broker.InboxOf(contracts.Provisioner))
	return b, cfg.Broker, err
}
