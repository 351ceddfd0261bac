package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// pollEvery is how often the client looks whether its import has ended.
const pollEvery = 10 * time.Millisecond

// usher is a running `usher up`, and a client of it.
type usher struct {
	path   string
	cmd    *exec.Cmd
	client *client.Client
	// url and token are what the client has, for what it cannot do.
	url, token string
	stages     *stageLog
}

// startUsher starts it with the flags that a table needs beside the usual ones.
func startUsher(ctx context.Context, cfg Config, data, databaseURL string, flags ...string) (*usher, error) {
	path, err := filepath.Abs(cfg.Usher)
	if err != nil {
		return nil, err
	}
	environment := []string{"USHER_DATABASE_URL=" + databaseURL, "USHER_LOG_FORMAT=json"}
	for _, variable := range cfg.Environment {
		if !strings.HasPrefix(variable, "USHER_") {
			environment = append(environment, variable)
		}
	}
	u := &usher{path: path, stages: newStageLog()}
	//nolint:noctx // stop ends it, with the time to end in order
	u.cmd = exec.Command(path, append([]string{"up", "--data", data, "--listen", "127.0.0.1:0"}, flags...)...)
	u.cmd.Env = environment
	// Ctrl-C in a terminal is for us, who stop it.
	u.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdout, err := u.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := u.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := u.cmd.Start(); err != nil {
		return nil, err
	}
	go u.stages.follow(stderr, cfg.Log)
	// The pipe ends with the process, so this waits for one or the other.
	url, ready := "", false
	for lines := bufio.NewScanner(stdout); !ready && lines.Scan(); {
		url, ready = strings.CutPrefix(lines.Text(), "usher is ready: ")
	}
	if !ready {
		return nil, errors.Join(fmt.Errorf("%s has ended before it was ready", path), u.stop())
	}
	token := exec.CommandContext(ctx, path, "token", "--email", "bench@admins.example", "--admin", "--data", data)
	token.Env = environment
	printed, err := token.Output()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("token: %w", err), u.stop())
	}
	u.url, u.token = url, string(bytes.TrimSpace(printed))
	u.client, err = client.New(client.Config{Server: u.url, Token: u.token})
	if err != nil {
		return nil, errors.Join(err, u.stop())
	}
	return u, nil
}

// stop ends the process in order.
func (u *usher) stop() error {
	if err := u.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return u.cmd.Wait()
}

// imported is one import, as its client saw it.
type imported struct {
	id string
	// began is when the client began to send, and took how long it was until
	// the client saw SUCCESS.
	began time.Time
	took  time.Duration
}

// imports uploads an archive and polls until the import has succeeded.
func (u *usher) imports(ctx context.Context, archive io.ReadSeeker) (imported, error) {
	one := imported{began: time.Now()}
	size, err := archive.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = archive.Seek(0, io.SeekStart)
	}
	if err != nil {
		return one, err
	}
	accepted, err := u.client.Import(ctx, client.Archive{Name: "bench.zip", Size: size, Content: archive})
	if err != nil {
		return one, err
	}
	one.id = accepted.ID
	return one, u.await(ctx, &one)
}

// await polls until an import has succeeded.
func (u *usher) await(ctx context.Context, one *imported) error {
	poll := time.NewTicker(pollEvery)
	defer poll.Stop()
	for {
		task, err := u.client.Task(ctx, one.id)
		if err != nil {
			return err
		}
		if task.State.Final() {
			one.took = time.Since(one.began)
			if task.State != contracts.Success {
				return fmt.Errorf("import %s: %s: %s", one.id, task.State, task.Reason())
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-poll.C:
		}
	}
}
