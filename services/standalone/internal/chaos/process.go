package chaos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// startAgain is how long a process that has ended by itself stays away.
	startAgain = 300 * time.Millisecond
	// endInOrder is how long a process may take to end after SIGTERM.
	endInOrder = 45 * time.Second
)

// victim is what can be harmed. Each call ends with the victim running again, or
// with the context; calls wait for each other.
type victim interface {
	// kill ends it as a power failure would, and leaves it away for so long.
	kill(ctx context.Context, away time.Duration) error
	// freeze stops it where it is, and has it go on after so long.
	freeze(ctx context.Context, d time.Duration) error
	// restart ends it in order.
	restart(ctx context.Context) error
}

// process is a program that is started again whenever it has ended.
type process struct {
	command func() *exec.Cmd
	// log is the path of what it writes.
	log string

	// gate is held while it must not be started.
	gate sync.Mutex
	done chan struct{}

	mu      sync.Mutex
	running *exec.Cmd
	// ended is closed when the one that runs has.
	ended chan struct{}
	// harmed tells that we have ended it.
	harmed bool
	// failures are the last lines of those that ended though nobody had harmed them.
	failures []string
}

// keep runs a program until ctx ends; wait for done then. What it writes goes to a
// file, behind what is there.
func keep(ctx context.Context, log string, command func() *exec.Cmd) *process {
	p := &process{log: log, command: command, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		for ctx.Err() == nil {
			p.once(ctx)
			pause(ctx, startAgain)
		}
	}()
	return p
}

// once starts the program and returns when it has ended.
func (p *process) once(ctx context.Context) {
	cmd, begin, err := p.start(ctx)
	if err != nil {
		p.failed(err.Error())
		return
	}
	if cmd == nil {
		return
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() }) // a frozen one, too
	_ = cmd.Wait()                                                    // how it ended tells its log
	stop()
	p.mu.Lock()
	close(p.ended)
	harmed := p.harmed || ctx.Err() != nil
	p.mu.Unlock()
	if !harmed {
		p.failed(lastLine(p.log, begin))
	}
}

// start starts the program as soon as it may, unless ctx has ended. It tells
// where in the log the new one begins.
func (p *process) start(ctx context.Context) (*exec.Cmd, int64, error) {
	p.gate.Lock()
	defer p.gate.Unlock()
	if ctx.Err() != nil {
		return nil, 0, nil
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, 0, err
	}
	defer log.Close() //nolint:errcheck // the program has its own copy
	begin, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, 0, err
	}
	cmd := p.command()
	cmd.Stdout, cmd.Stderr = log, log
	// A group of its own, so that Ctrl-C in a terminal is for us alone.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, 0, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running, p.ended, p.harmed = cmd, make(chan struct{}), false
	return cmd, begin, nil
}

func (p *process) failed(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failures = append(p.failures, line)
}

// fell returns the last lines of those that ended by themselves: while they
// started, as is right where what they need is away, and after they were ready.
func (p *process) fell() (starting, ready []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, line := range p.failures {
		if reason, wasReady := strings.CutPrefix(line, afterReady); wasReady {
			ready = append(ready, reason)
		} else {
			starting = append(starting, line)
		}
	}
	return starting, ready
}

// afterReady begins the lines of those that had been ready.
const afterReady = "after it was ready: "

// lastLine is the last line of a log behind its begin.
func lastLine(path string, begin int64) string {
	content, err := os.ReadFile(path)
	if err != nil || begin > int64(len(content)) {
		return fmt.Sprint("no log: ", err)
	}
	content = bytes.TrimSpace(content[begin:])
	line := string(content[bytes.LastIndexByte(content, '\n')+1:])
	if bytes.Contains(content, []byte(`"msg":"ready"`)) {
		return afterReady + line
	}
	return line
}

// signal sends a signal to the one that runs, and returns what is closed when it
// has ended. There may be none, which has ended then.
func (p *process) signal(s syscall.Signal, ends bool) (<-chan struct{}, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running == nil {
		ended := make(chan struct{})
		close(ended)
		return ended, nil
	}
	p.harmed = p.harmed || ends
	err := p.running.Process.Signal(s)
	if errors.Is(err, os.ErrProcessDone) {
		err = nil
	}
	return p.ended, err
}

func (p *process) kill(ctx context.Context, away time.Duration) error {
	p.gate.Lock()
	defer p.gate.Unlock()
	ended, err := p.signal(syscall.SIGKILL, true)
	if err != nil {
		return err
	}
	<-ended
	pause(ctx, away)
	return nil
}

func (p *process) freeze(ctx context.Context, d time.Duration) error {
	p.gate.Lock()
	defer p.gate.Unlock()
	if _, err := p.signal(syscall.SIGSTOP, false); err != nil {
		return err
	}
	pause(ctx, d)
	_, err := p.signal(syscall.SIGCONT, false)
	return err
}

func (p *process) restart(context.Context) error {
	p.gate.Lock()
	defer p.gate.Unlock()
	ended, err := p.signal(syscall.SIGTERM, true)
	if err != nil {
		return err
	}
	select {
	case <-ended:
		return nil
	case <-time.After(endInOrder):
	}
	// What it works on may be away; then it waits, and a supervisor loses patience.
	ended, err = p.signal(syscall.SIGKILL, true)
	if err == nil {
		<-ended
	}
	return err
}

// pause waits, and tells whether it did so to the end.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
