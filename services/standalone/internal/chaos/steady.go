package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/usher-events/usher/contracts"
)

const (
	// steadyEvery is how often an upload comes, and steadyLook how often its client looks.
	steadyEvery, steadyLook = time.Second, 300 * time.Millisecond
	// steadyPatience is how long an import may take from its upload until it is taken back,
	// whatever is restarted meanwhile.
	steadyPatience = 3 * time.Minute
)

// exportEach is of how many imports one is exported.
const exportEach = 3

// steady is a load that leaves nothing behind: each import is taken back once it has ended,
// and so is the export of its event.
type steady struct {
	w       *world
	cargoes []*cargo

	mu       sync.Mutex
	gone     int
	findings []Finding
}

// run uploads at equal distances until ctx ends.
func (l *steady) run(ctx context.Context) {
	var group sync.WaitGroup
	for n := 0; pause(ctx, steadyEvery); n++ {
		group.Go(func() {
			s := &shipment{cargo: l.cargoes[n%len(l.cargoes)], key: fmt.Sprintf("soak-%d", n)}
			err := l.once(ctx, s, n%exportEach == 0)
			if ctx.Err() != nil {
				return
			}
			l.mu.Lock()
			defer l.mu.Unlock()
			if err != nil {
				l.findings = append(l.findings, Finding{Lost, s.key, err.Error()})
				return
			}
			l.gone++
		})
	}
	group.Wait()
}

// soFar is how many imports were made and taken back until now.
func (l *steady) soFar() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.gone
}

// step is one of what a client does in turn; it is done again until it is no error.
type step func(context.Context) error

// once uploads a shipment, waits until it is imported, perhaps does the same with its
// export, and takes back what there is.
func (l *steady) once(ctx context.Context, s *shipment, exported bool) error {
	ctx, cancel := context.WithTimeout(ctx, steadyPatience)
	defer cancel()
	var last error
	steps := []step{l.upload(s), l.ended(s)}
	if exported {
		e := &shipment{cargo: s.exports}
		steps = append(steps, l.export(s, e), l.ended(e), l.takeBack(e))
	}
	for _, step := range append(steps, l.takeBack(s)) {
		for {
			if last = step(ctx); last == nil {
				break
			}
			if !pause(ctx, steadyLook) {
				return fmt.Errorf("not done within %s: %w", steadyPatience, last)
			}
		}
	}
	return nil
}

func (l *steady) upload(s *shipment) step {
	return func(ctx context.Context) (err error) {
		s.id, err = l.w.upload(ctx, s)
		return err
	}
}

// ended is an error until the import has succeeded.
func (l *steady) ended(s *shipment) step {
	return func(ctx context.Context) error {
		answer, err := l.ask(ctx, contracts.QueryService, http.MethodGet, "/v1/tasks/"+s.id, s, http.StatusOK)
		if err != nil {
			return err
		}
		var task contracts.Task
		if err := json.Unmarshal(answer, &task); err != nil {
			return err
		}
		if task.State != contracts.Success {
			return fmt.Errorf("import %s: %s", s.id, task.State)
		}
		return nil
	}
}

// export asks for the export e of the event that s has made.
func (l *steady) export(s, e *shipment) step {
	return func(ctx context.Context) error {
		asked, err := l.w.exportOf(ctx, s, s.owner, s.key)
		if err != nil {
			return err
		}
		status, answer, err := l.w.askForExport(ctx, asked)
		if err == nil && status != http.StatusAccepted {
			err = fmt.Errorf("export of the event of %s: %d: %s", s.id, status, answer)
		}
		e.id = asked.awaited
		return err
	}
}

func (l *steady) takeBack(s *shipment) step {
	return func(ctx context.Context) error {
		_, err := l.ask(ctx, contracts.IngestService, http.MethodDelete, "/v1/imports/"+s.id, s, http.StatusAccepted)
		return err
	}
}

// ask sends a request of the owner, whose answer has to be of the given status.
func (l *steady) ask(ctx context.Context, to contracts.Service, method, path string, s *shipment, want int) ([]byte, error) {
	token, err := l.w.token(s.owner)
	if err != nil {
		return nil, err
	}
	status, answer, err := l.w.to(ctx, to, request{method: method, path: path, token: token})
	if err == nil && status != want {
		err = fmt.Errorf("%s %s: %d: %s", method, path, status, answer)
	}
	return answer, err
}
