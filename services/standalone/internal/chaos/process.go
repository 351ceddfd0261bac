package chaos

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
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
	name    string
	command func() *exec.Cmd

	// gate is held while it must not be started.
	gate sync.Mutex
	done chan struct{}

	mu      sync.Mutex
	running *exec.Cmd
	// ended is closed when the one that runs has.
	ended chan struct{}
	// harmed tells that we have ended it.
	harmed bool
	// failures counts the ends that nobody asked for.
	failures atomic.Int64
}

// keep runs a program until ctx ends; wait for done then.
func keep(ctx context.Context, name string, command func() *exec.Cmd) *process {
	p := &process{name: name, command: command, done: make(chan struct{})}
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
	p.gate.Lock()
	if ctx.Err() != nil {
		p.gate.Unlock()
		return
	}
	cmd := p.command()
	// A group of its own, so that Ctrl-C in a terminal is for us alone.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	ended := make(chan struct{})
	err := cmd.Start()
	if err == nil {
		p.mu.Lock()
		p.running, p.ended, p.harmed = cmd, ended, false
		p.mu.Unlock()
	}
	p.gate.Unlock()
	if err != nil {
		p.failures.Add(1)
		return
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() }) // a frozen one, too
	_ = cmd.Wait()                                                    // how it ended tells its log
	stop()
	close(ended)
	p.mu.Lock()
	if !p.harmed && ctx.Err() == nil {
		p.failures.Add(1)
	}
	p.mu.Unlock()
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
