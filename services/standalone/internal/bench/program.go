package bench

import (
	"errors"
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
	// reached gets where it is reached, or its broker, once it says so.
	reached chan string
}

// command is one of the binary, with the given settings and no other ones of Usher.
func (c Config) command(settings []string, args ...string) (*exec.Cmd, error) {
	path, err := filepath.Abs(c.Usher)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, args...) //nolint:noctx // stop ends it, with the time to end in order
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

// start starts a command whose log is followed.
func start(cmd *exec.Cmd, log *stageLog, to io.Writer) (*program, error) {
	p := &program{cmd: cmd, reached: make(chan string, 1)}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		log.follow(stderr, to, p.reached)
		close(p.reached)
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
