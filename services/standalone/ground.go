package standalone

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/nats-io/nats.go"

	"github.com/usher-events/usher/pkg/broker/embedded"
	"github.com/usher-events/usher/pkg/postgres/private"
	"github.com/usher-events/usher/pkg/service"
)

// Ground is what services stand on: broker, database and bucket of a folder, except
// those that the settings name elsewhere.
type Ground struct {
	// Config is the settings, with what is in the folder in the places that they leave
	// empty.
	Config service.Config
	// NATS is how a client reaches the embedded broker; empty where the settings name one.
	NATS []nats.Option

	database *private.Server
	broker   *embedded.Server
}

// Found starts what the settings do not name. Other processes reach the embedded broker
// at natsListen; empty is not at all. Close what it returns.
func Found(ctx context.Context, cfg service.Config, folder Folder, natsListen string, log *slog.Logger) (_ *Ground, err error) {
	g := &Ground{Config: cfg}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.Close())
		}
	}()
	if cfg.Auth.Secret == "" {
		if g.Config.Auth.Secret, err = folder.Secret(); err != nil {
			return nil, err
		}
	}
	if cfg.BucketURL == "" {
		blobs, err := filepath.Abs(folder.blobs())
		if err != nil {
			return nil, fmt.Errorf("bucket: %w", err)
		}
		g.Config.BucketURL = "file://" + filepath.ToSlash(blobs)
	}
	if cfg.DatabaseURL == "" {
		if g.database, err = private.Start(ctx, folder.postgres(), log); err != nil {
			return nil, err
		}
		g.Config.DatabaseURL = g.database.URL()
	}
	if cfg.Broker.URL == "" {
		if g.broker, err = embedded.Start(ctx, embedded.Config{Dir: folder.nats(), Listen: natsListen}, log); err != nil {
			return nil, err
		}
		g.NATS = []nats.Option{g.broker.Option()}
	}
	return g, nil
}

// brokerURL is where other processes reach the embedded broker; empty is nowhere.
func (g *Ground) brokerURL() string {
	if g.broker == nil {
		return ""
	}
	return g.broker.URL()
}

// Close stops what Found has started.
func (g *Ground) Close() error {
	if g.broker != nil {
		g.broker.Close()
	}
	if g.database != nil {
		return g.database.Close()
	}
	return nil
}
