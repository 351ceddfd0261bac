package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
)

// floorsFile is written last and makes a folder a backup.
const floorsFile = "floors.json"

// streamsOf names the streams that are saved. Progress is over, and what is in the
// buckets is derived or a hint: these are made anew.
func streamsOf(names contracts.Names) []string {
	return []string{names.ImportsStream(), names.DeadStream()}
}

// SaveStreams writes the streams of a running broker into a new folder, and where their
// consumers stand.
//
// The server could save consumers as well, but it looks at them after it has settled
// which messages it saves: a stage that acknowledges in between what it has just told of
// would count as done, and what it told would be missing. So they are asked before. What
// is acknowledged meanwhile is delivered again, which stages are made for.
func SaveStreams(ctx context.Context, b *broker.Broker, dir string) error {
	if err := fitting(b); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	floors, err := b.Floors(ctx)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	for _, name := range streamsOf(b.Names()) {
		if err := saveStream(ctx, b.JetStream().Conn(), name, filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("backup of stream %s: %w", name, err)
		}
	}
	content, err := json.Marshal(floors)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return writeDurably(filepath.Join(dir, floorsFile), content)
}

// RestoreStreams makes the streams of such a folder, with this many replicas, and all
// else that a broker is provisioned with. It never writes over a stream.
func RestoreStreams(ctx context.Context, b *broker.Broker, replicas int, dir string) error {
	content, err := os.ReadFile(filepath.Join(dir, floorsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("restore: %s is no backup of streams, or one that did not come to its end", dir)
	}
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	var floors map[string]uint64
	if err := json.Unmarshal(content, &floors); err != nil {
		return fmt.Errorf("restore: %s: %w", floorsFile, err)
	}
	if err := fitting(b); err != nil {
		return err
	}
	// The one that consumers are of comes last: where it is, all the others are.
	for _, name := range []string{b.Names().DeadStream(), b.Names().ImportsStream()} {
		if err := restoreStream(ctx, b.JetStream(), name, replicas, filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("restore of stream %s: %w", name, err)
		}
	}
	return b.ProvisionFrom(ctx, floors)
}

func restoreStream(ctx context.Context, js jetstream.JetStream, name string, replicas int, path string) error {
	switch _, err := js.Stream(ctx, name); {
	case err == nil:
		return errors.New("it is there already, and is not written over: remove it first (nats stream rm) where it is not needed")
	case !errors.Is(err, jetstream.ErrStreamNotFound):
		return err
	}
	content, err := os.ReadFile(path + configSuffix)
	if err != nil {
		return err
	}
	var d described
	if err := json.Unmarshal(content, &d); err != nil {
		return err
	}
	d.Config["num_replicas"] = replicas
	f, err := os.Open(path + snapshotSuffix)
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // it was only read
	return restoreSnapshot(ctx, js.Conn(), name, d, f)
}

// The first version of the broker that restores a stream as one that was made then. An
// older one gives it the age that it had, by which the projector would take it for the
// stream that it knows, and pass over what is new in it.
const restoringMajor, restoringMinor = 2, 15

func fitting(b *broker.Broker) error {
	var major, minor int
	version := b.JetStream().Conn().ConnectedServerVersion()
	if _, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil || major < restoringMajor || major == restoringMajor && minor < restoringMinor {
		return fmt.Errorf("the broker is version %s, and %d.%d is needed to save and restore streams", version, restoringMajor, restoringMinor)
	}
	return nil
}
