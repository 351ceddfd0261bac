package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"golang.org/x/sync/errgroup"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
	"github.com/usher-events/usher/services/standalone/internal/sample"
)

const (
	// watched is how many imports the streams share.
	watched = 100
	// changeEvery is how often one of them changes.
	changeEvery = time.Second / 100
	// settled is how long a process must not have given back memory until that is looked
	// at, and settling how long it may take.
	settled, settling = 5 * time.Second, 40 * time.Second
	// arrives is how long the last changes may be on their way.
	arrives = time.Minute
)

// streams tells what open streams cost, and how long a change is on its way to them. The
// imports are real, and wait for their first stage, which is paused: in its place
// the table tells of progress, which the projector folds like any.
func streams(ctx context.Context, w *world) (t Table, err error) {
	t = Table{
		Title: fmt.Sprintf("%d open streams of %d imports, %d changes at 100 a second", w.cfg.Streams, watched, w.cfg.Changes),
		Notes: []string{
			"A new process with every service and the broker in it; the database and the clients are others.",
			"Memory is looked at when the imports are there, when the streams are, each time once the process gives back no more, and each second while changes come.",
			"A change is progress of a stage: it begins when that is published and arrives when a client has read it.",
		},
	}
	if err := manyFiles(w.cfg.Streams); err != nil {
		return t, err
	}
	if err := w.restart(ctx); err != nil {
		return t, err
	}
	a, err := w.newAudience(ctx)
	if err != nil {
		return t, err
	}
	defer a.leave()
	idle, err := w.usher.settled(ctx)
	if err != nil {
		return t, err
	}
	if err := a.come(ctx, w.cfg.Streams); err != nil {
		return t, err
	}
	open, err := w.usher.settled(ctx)
	if err != nil {
		return t, err
	}
	busy, err := a.change(ctx, w.cfg.Changes)
	if err != nil {
		return t, err
	}
	slices.Sort(a.delays)
	one := func(name, unit string, value float64) Measure { return newMeasure(name, unit, []float64{value}) }
	each := func(bytes int64) float64 { return float64(bytes-idle) / 1024 / float64(w.cfg.Streams) }
	quantile := func(q float64) []time.Duration { return a.delays[int(q*float64(len(a.delays)-1)):][:1] }
	t.Measures = []Measure{
		one("resident memory without streams", "MiB", float64(idle)/(1<<20)),
		one("with all of them", "MiB", float64(open)/(1<<20)),
		one("each of them", "KiB", each(open)),
		one("most while changes come", "MiB", float64(busy)/(1<<20)),
		one("each of them then", "KiB", each(busy)),
		durations("from change to arrival, median", quantile(0.5)),
		durations("p99", quantile(0.99)),
		one("arrivals", "", float64(len(a.delays))),
	}
	return t, nil
}

// audience are the clients of all streams.
type audience struct {
	usher  *usher
	nats   *nats.Conn
	js     jetstream.JetStream
	ids    []string
	dialer net.Dialer

	connections []net.Conn
	reading     sync.WaitGroup

	mu sync.Mutex
	// made has when each change was made: of each import, by how much is done since.
	made   [watched][]time.Time
	delays []time.Duration
	// latest is which of these each stream has told of last.
	latest []int
	// lost is why a stream has ended.
	lost error
}

// newAudience uploads what is to be watched.
func (w *world) newAudience(ctx context.Context) (*audience, error) {
	a := &audience{usher: w.usher}
	if _, err := w.usher.client.Pause(ctx, string(contracts.Event), time.Hour); err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	if err := sample.Write(&archive, sample.Config{Sessions: 3, Speakers: 3, Seed: 16, Media: sample.NoMedia}); err != nil {
		return nil, err
	}
	for range watched {
		accepted, err := w.usher.client.Import(ctx, client.Archive{
			Name: "watched.zip", Size: int64(archive.Len()), Content: bytes.NewReader(archive.Bytes()),
		})
		if err != nil {
			return nil, err
		}
		a.ids = append(a.ids, accepted.ID)
	}
	var err error
	if a.nats, err = nats.Connect(w.usher.nats); err != nil {
		return nil, err
	}
	a.js, err = jetstream.New(a.nats)
	return a, err
}

// come opens so many streams, and returns when each has its first document.
func (a *audience) come(ctx context.Context, streams int) error {
	at, err := url.Parse(a.usher.url)
	if err != nil {
		return err
	}
	a.connections, a.latest = make([]net.Conn, streams), make([]int, streams)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(16)
	for n := range streams {
		group.Go(func() error {
			c, err := a.dialer.DialContext(ctx, "tcp", at.Host)
			if err != nil {
				return err
			}
			a.connections[n] = c
			if _, err := fmt.Fprintf(c, "GET /v1/tasks/%s/stream HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n",
				a.ids[n%watched], at.Host, a.usher.token); err != nil {
				return err
			}
			lines := bufio.NewReaderSize(c, 4<<10)
			answer, err := http.ReadResponse(lines, nil) //nolint:bodyclose // its connection is closed by leave
			if err != nil {
				return err
			}
			if answer.StatusCode != http.StatusOK {
				return fmt.Errorf("stream: %s", answer.Status)
			}
			body := bufio.NewReaderSize(answer.Body, 4<<10)
			if _, err := nextDocument(body); err != nil {
				return err
			}
			a.reading.Go(func() { a.read(body, n) })
			return nil
		})
	}
	return group.Wait()
}

// read reads one stream to its end.
func (a *audience) read(body *bufio.Reader, stream int) {
	for {
		done, err := nextDocument(body)
		now := time.Now()
		a.mu.Lock()
		switch {
		case err != nil:
			a.lost = err
		case done > 0:
			a.delays = append(a.delays, now.Sub(a.made[stream%watched][done-1]))
			a.latest[stream] = done
		}
		a.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// nextDocument reads up to the end of the next document, and returns how many sessions
// it says are done.
func nextDocument(body *bufio.Reader) (done int, err error) {
	for {
		line, err := body.ReadString('\n')
		if err != nil {
			return 0, err
		}
		document, ok := strings.CutPrefix(line, "data: ")
		if !ok {
			continue
		}
		// The documents are ours, and reading them in full would take longer than sending.
		if _, counts, ok := strings.Cut(document, `"sessions":{"done":`); ok {
			number, _, _ := strings.Cut(counts, ",")
			return strconv.Atoi(number)
		}
		return 0, nil
	}
}

// change makes changes, waits until all have arrived, and returns the most memory
// that the process had meanwhile.
func (a *audience) change(ctx context.Context, changes int) (peak int64, err error) {
	tick := time.NewTicker(changeEvery)
	defer tick.Stop()
	look := time.NewTicker(time.Second)
	defer look.Stop()
	deadline := time.NewTimer(time.Duration(changes)*changeEvery + arrives)
	defer deadline.Stop()
	for made := 0; ; {
		if arrived, err := a.arrived(); err != nil || arrived && made == changes {
			return peak, err
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-deadline.C:
			return 0, fmt.Errorf("changes have not arrived at all streams after %s", arrives)
		case <-look.C:
			now, err := resident(a.usher.pid())
			if err != nil {
				return 0, err
			}
			peak = max(peak, now)
		case <-tick.C:
			if made == changes {
				continue
			}
			if err := a.changeOne(made%watched, made/watched+1); err != nil {
				return 0, err
			}
			made++
		}
	}
}

// changeOne tells of progress of one import.
func (a *audience) changeOne(n, done int) error {
	data, err := contracts.Encode(contracts.Envelope{
		ID: uuid.NewString(), Time: time.Now().UTC(), Source: string(contracts.Schedule), Import: a.ids[n],
		Kind: contracts.EventArchive, Attempt: 1, Owner: contracts.Owner{Issuer: "usher", Subject: "bench@admins.example"},
	}, &contracts.Progress{Stage: contracts.Schedule, Type: contracts.Sessions, Done: done, Total: 1_000_000})
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.made[n] = append(a.made[n], time.Now())
	a.mu.Unlock()
	_, err = a.js.PublishAsync(contracts.Names{}.Status(contracts.EventArchive, a.ids[n]), data)
	return err
}

// arrived tells whether all streams have told of the last change of their import.
func (a *audience) arrived() (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for stream, latest := range a.latest {
		if latest != len(a.made[stream%watched]) {
			return false, a.lost
		}
	}
	return true, a.lost
}

// leave ends all streams.
func (a *audience) leave() {
	for _, c := range a.connections {
		if c != nil {
			_ = c.Close() // it was only read
		}
	}
	a.reading.Wait()
	a.nats.Close()
}

// settled waits until the process gives back no more memory, and returns what it has resident.
func (u *usher) settled(ctx context.Context) (least int64, err error) {
	look := time.NewTicker(time.Second)
	defer look.Stop()
	began, since := time.Now(), time.Now()
	for least = math.MaxInt64; time.Since(since) < settled && time.Since(began) < settling; {
		now, err := resident(u.pid())
		if err != nil {
			return 0, err
		}
		if now < least-least/100 {
			since = time.Now()
		}
		least = min(least, now)
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-look.C:
		}
	}
	return least, nil
}

// manyFiles refuses more streams than a process may have files. Go has raised its soft
// limit to the hard one, here and in the process that is measured.
func manyFiles(streams int) error {
	const beside = 200
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("limit of open files: %w", err)
	}
	if limit.Cur < uint64(streams+beside) {
		return fmt.Errorf("%d streams take more files than the %d that a process may have open: raise the limit (ulimit -Hn)", streams, limit.Cur)
	}
	return nil
}
