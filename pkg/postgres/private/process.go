package private

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// process is a running postmaster that this process started.
type process struct {
	pid  int
	done chan struct{}
	// err is how it ended, never nil; read it after done.
	err error
}

// launch starts cmd and watches it. With dieWithUs the kernel ends it when
// this process dies, where the kernel can (see [dieWithParent]).
func launch(cmd *exec.Cmd, dieWithUs bool) (*process, error) {
	p := &process{done: make(chan struct{})}
	started := make(chan error)
	go func() {
		if dieWithUs {
			// What the kernel watches is the thread that started the child.
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			dieWithParent(cmd.SysProcAttr)
		}
		err := cmd.Start()
		if err == nil {
			p.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			if p.err = cmd.Wait(); p.err == nil {
				p.err = errors.New("as if it had been asked to")
			}
			close(p.done)
		}
	}()
	return p, <-started
}

// shutDown ends a postmaster: sessions are cut off, their transactions rolled
// back, everything written down. One that does not manage that in time is made
// to stop where it is; it then recovers from its log at the next start.
func shutDown(pid int, gone <-chan struct{}) error {
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{
		{syscall.SIGINT, time.Minute},       // fast
		{syscall.SIGQUIT, 15 * time.Second}, // immediate
		{syscall.SIGKILL, 5 * time.Second},
	} {
		if err := syscall.Kill(pid, step.signal); errors.Is(err, syscall.ESRCH) {
			return nil
		} else if err != nil {
			return fmt.Errorf("stop PostgreSQL (process %d): %w", pid, err)
		}
		select {
		case <-gone:
			return nil
		case <-time.After(step.wait):
		}
	}
	return fmt.Errorf("PostgreSQL (process %d) does not end", pid)
}
