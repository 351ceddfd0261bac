package bench

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

const (
	// lookEvery is how often a client looks whether its import has ended. It begins
	// when the log says that the stage before the last one has ended: looking all the time
	// would take from what is measured.
	lookEvery = time.Millisecond
	// lookAnyway is how often it looks before that, for imports that fail.
	lookAnyway = time.Second
)

// clients are those of a running Usher.
type clients struct {
	// uploads reaches ingest, which takes commands as well, and tasks reaches query.
	uploads, tasks *client.Client
	stages         *stageLog
	// every is how often each looks then; 0 is lookEvery.
	every time.Duration
}

// usher is a running `usher up`, and a client of it.
type usher struct {
	*program
	clients
	client *client.Client
	// url and token are what the client has, for what it cannot do.
	url, token string
	// nats is where its broker is, and profiles where its profiles are, if somebody wants one.
	nats, profiles string
}

// startUsher starts it. Its broker listens, for what the tables compare it with.
func startUsher(ctx context.Context, cfg Config, data, databaseURL string) (*usher, error) {
	settings := []string{"USHER_DATABASE_URL=" + databaseURL, "USHER_LOG_FORMAT=json"}
	if cfg.Profile != nil {
		settings = append(settings, "USHER_PROFILE_LISTEN=127.0.0.1:0")
	}
	cmd, err := cfg.command(context.WithoutCancel(ctx), settings, "up", "--data", data, "--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	u := &usher{clients: clients{stages: newStageLog()}}
	if u.program, err = start(cmd, u.stages, cfg.Log); err != nil {
		return nil, err
	}
	// The pipe ends with the process, so this waits for one or the other.
	ready := false
	for lines := bufio.NewScanner(stdout); !ready && lines.Scan(); {
		u.url, ready = strings.CutPrefix(lines.Text(), "usher is ready: ")
	}
	if !ready {
		return nil, errors.Join(fmt.Errorf("%s has ended before it was ready", cmd.Path), u.stop())
	}
	u.nats = <-u.at[itsBroker]
	if cfg.Profile != nil {
		u.profiles = <-u.at[itsProfiles]
	}
	if u.token, err = cfg.token(ctx, settings, "--data", data); err == nil {
		u.client, err = client.New(client.Config{Server: u.url, Token: u.token})
	}
	if err != nil {
		return nil, errors.Join(err, u.stop())
	}
	u.uploads, u.tasks = u.client, u.client
	return u, nil
}

// token has the binary sign one for an administrator.
func (c Config) token(ctx context.Context, settings []string, args ...string) (string, error) {
	return c.output(ctx, settings, append([]string{"token", "--email", "bench@admins.example", "--admin"}, args...)...)
}

// imported is one import, as its client saw it.
type imported struct {
	id string
	// began is when the client began to send, and took how long it was until
	// the client saw SUCCESS.
	began time.Time
	took  time.Duration
}

// imports uploads an archive and waits until the import has succeeded.
func (c clients) imports(ctx context.Context, archive io.ReadSeeker) (imported, error) {
	one := imported{began: time.Now()}
	size, err := archive.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = archive.Seek(0, io.SeekStart)
	}
	if err != nil {
		return one, err
	}
	accepted, err := c.uploads.Import(ctx, client.Archive{Name: "bench.zip", Size: size, Content: archive})
	if err != nil {
		return one, err
	}
	one.id = accepted.ID
	return one, c.await(ctx, &one, contracts.EventArchive)
}

// await waits until an import has succeeded.
func (c clients) await(ctx context.Context, one *imported, kind contracts.Kind) error {
	pipeline, _ := contracts.PipelineOf(kind)
	for {
		waiting, cancel := context.WithTimeout(ctx, lookAnyway)
		_, err := c.stages.of(waiting, one.id, len(pipeline.Stages)-2) // ingest logs nothing, and notify is the last
		cancel()
		if err == nil {
			return c.lookUntil(ctx, one)
		}
		if ended, err := c.look(ctx, one); ended || err != nil {
			return err
		}
	}
}

// lookUntil looks until the import has ended.
func (c clients) lookUntil(ctx context.Context, one *imported) error {
	look := time.NewTicker(cmp.Or(c.every, lookEvery))
	defer look.Stop()
	for {
		if ended, err := c.look(ctx, one); ended || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
}

// look looks once whether the import has ended. One that has not succeeded is an error.
func (c clients) look(ctx context.Context, one *imported) (ended bool, err error) {
	task, err := c.tasks.Task(ctx, one.id)
	if err != nil || !task.State.Final() {
		return false, err
	}
	one.took = time.Since(one.began)
	if task.State != contracts.Success {
		err = fmt.Errorf("import %s: %s: %s", one.id, task.State, task.Reason())
	}
	return true, err
}
