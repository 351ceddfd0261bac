package bench

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/usher-events/usher/contracts"
)

// stageRun is what a process logs of a stage that ended well.
type stageRun struct {
	Import string          `json:"import"`
	Stage  contracts.Stage `json:"stage"`
	// Took is how long it was since the stage had its message.
	Took time.Duration `json:"took"`
	// Ended is when the outcome had been published.
	Ended   time.Time `json:"time"`
	Message string    `json:"msg"`
	// URL and Address are where a broker and a service are, which they say of themselves.
	URL     string `json:"url"`
	Address string `json:"address"`
}

// stageLog reads the logs of processes, and hands them on.
type stageLog struct {
	mu   sync.Mutex
	runs map[string][]stageRun
	// news is closed and made anew with each run.
	news chan struct{}
}

func newStageLog() *stageLog {
	return &stageLog{runs: make(map[string][]stageRun), news: make(chan struct{})}
}

// follow reads until the log of a process ends, and tells of what it serves where that is.
func (l *stageLog) follow(from io.Reader, to io.Writer, tell addresses) {
	for lines := bufio.NewScanner(from); lines.Scan(); {
		_, _ = to.Write(append(lines.Bytes(), '\n')) // for people, if it can be kept
		var run stageRun
		if json.Unmarshal(lines.Bytes(), &run) != nil {
			continue
		}
		tell.note(run.Message, cmp.Or(run.URL, run.Address))
		if run.Message != "stage ended" {
			continue
		}
		l.mu.Lock()
		l.runs[run.Import] = append(l.runs[run.Import], run)
		close(l.news)
		l.news = make(chan struct{})
		l.mu.Unlock()
	}
}

// of waits for the runs of n stages of an import, in the order of their ends.
func (l *stageLog) of(ctx context.Context, id string, n int) ([]stageRun, error) {
	for {
		l.mu.Lock()
		runs, news := l.runs[id], l.news
		l.mu.Unlock()
		if len(runs) >= n {
			return runs, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
