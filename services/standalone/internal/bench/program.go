package bench

import (
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
)

// program is a running process of the binary that is measured.
type program struct {
	cmd *exec.Cmd
	// at tells where it serves what, once it says so.
	at addresses
}

// What a process tells the address of, by the titles of its log.
const (
	itself      = "ready"
	itsBroker   = "broker"
	itsProfiles = "profiles"
)

// addresses has room for one address of each of these; all are closed when the log has ended.
type addresses map[string]chan string

func newAddresses() addresses {
	a := make(addresses)
	for _, title := range []string{itself, itsBroker, itsProfiles} {
		a[title] = make(chan string, 1)
	}
	return a
}

func (a addresses) note(title, address string) {
	if at, ok := a[title]; ok && address != "" { // a warning of the broker has the same title
		at <- address
	}
}

func (a addresses) close() {
	for _, at := range a {
		close(at)
	}
}

// command is one of the binary, with the given settings and no other ones of Usher. It is
// killed when ctx ends; what is to end in order gets one without an end.
func (c Config) command(ctx context.Context, settings []string, args ...string) (*exec.Cmd, error) {
	path, err := filepath.Abs(c.Usher)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append(cmd.Env, settings...)
	for _, variable := range c.Environment {
		if !strings.HasPrefix(variable, "USHER_") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	// Ctrl-C in a terminal is for us, who stop it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return cmd, nil
}

// output runs the binary to its end, and returns what it prints.
func (c Config) output(ctx context.Context, settings []string, args ...string) (string, error) {
	cmd, err := c.command(ctx, settings, args...)
	if err != nil {
		return "", err
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	printed, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("usher %s: %w: %s", args[0], err, bytes.TrimSpace(said.Bytes()))
	}
	return string(bytes.TrimSpace(printed)), nil
}

// start starts a command whose log is followed.
func start(cmd *exec.Cmd, log *stageLog, to io.Writer) (*program, error) {
	p := &program{cmd: cmd, at: newAddresses()}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		log.follow(stderr, to, p.at)
		p.at.close()
	}()
	return p, nil
}

// pid is that of the process.
func (p *program) pid() int { return p.cmd.Process.Pid }

// stop ends the process in order.
func (p *program) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return p.cmd.Wait()
}
