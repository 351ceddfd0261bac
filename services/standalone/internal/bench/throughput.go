package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/usher-events/usher/services/standalone/internal/sample"
)

// atATime is how many uploads there are at a time.
var atATime = []int{1, 8, 64}

// throughput tells how many imports are made in a second, and what each costs in time of
// the cores.
func throughput(ctx context.Context, w *world) (Table, error) {
	t := Table{
		Title: fmt.Sprintf("Many imports of %d sessions and %d speakers, without media", w.cfg.Sessions, w.cfg.Speakers),
		Notes: []string{
			"So many clients upload, each its next archive once the one before has SUCCESS.",
			fmt.Sprintf("A run is uploads for %s, and lasts until the last of them has SUCCESS; there are %d runs.", w.cfg.Load, MinRuns),
			"Of n clients each looks every n ms whether its import has ended.",
			"CPU: of the process of Usher, broker and all, and of all processes of PostgreSQL, for each import. The floor is that of",
			"the table imports: what the same rows take by nothing but COPY, one import after the other.",
		},
	}
	a, err := newArchive(w.cfg.Sessions, w.cfg.Speakers, sample.NoMedia)
	if err != nil {
		return t, err
	}
	database, err := w.databasePID(ctx)
	if err != nil {
		return t, err
	}
	warmUp := rush{w: w, archive: a, clients: atATime[0], database: database}
	if err := warmUp.run(ctx); err != nil {
		return t, err
	}
	for _, clients := range atATime {
		var imports, records, ours, theirs, busy []float64
		for range MinRuns {
			r := rush{w: w, archive: a, clients: clients, database: database}
			if err := r.run(ctx); err != nil {
				return t, err
			}
			n := float64(r.done.Load())
			imports = append(imports, n/r.took.Seconds())
			records = append(records, n*float64(a.records)/r.took.Seconds())
			ours = append(ours, milliseconds(r.usherCPU)/n)
			theirs = append(theirs, milliseconds(r.databaseCPU)/n)
			busy = append(busy, r.busy)
		}
		at := fmt.Sprintf(", %d at a time", clients)
		t.Measures = append(t.Measures,
			newMeasure("imports"+at, "imports/s", imports), newMeasure("records"+at, "records/s", records),
			newMeasure("CPU of Usher"+at, "ms", ours), newMeasure("CPU of PostgreSQL"+at, "ms", theirs),
			newMeasure("the cores are busy"+at, "%", busy),
		)
	}
	least, err := w.floorCPU(ctx, a, database)
	if err != nil {
		return t, err
	}
	t.Measures = append(t.Measures, newMeasure("CPU of PostgreSQL, the floor of each import", "ms", least))
	if w.cfg.Profile != nil {
		err = w.profile(ctx, &rush{w: w, archive: a, clients: profiledAtATime, database: database})
	}
	return t, err
}

// floorImports is how many imports of the floor are made in each of its runs: the system
// counts time in hundredths of a second.
const floorImports = 20

// floorCPU is what an import of the floor costs the database, in milliseconds, run by run.
func (w *world) floorCPU(ctx context.Context, a archive, database int) (samples []float64, err error) {
	least, err := openFloor(ctx, w.server.URL(), w.usher.nats, w.folder)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, least.close()) }()
	for range MinRuns {
		var spent time.Duration
		for range floorImports {
			one, err := w.usher.imports(ctx, bytes.NewReader(a.content))
			if err != nil {
				return nil, err
			}
			all, err := least.of(ctx, one.id, nil)
			if err != nil {
				return nil, err
			}
			before, err := familyCPU(database)
			if err != nil {
				return nil, err
			}
			if _, err := least.importOnce(ctx, all); err != nil {
				return nil, err
			}
			after, err := familyCPU(database)
			if err != nil {
				return nil, err
			}
			spent += after - before
		}
		samples = append(samples, milliseconds(spent)/floorImports)
	}
	return samples, nil
}

// profiledAtATime is how many uploads there are at a time while a profile is made.
const profiledAtATime = 8

// profile makes a profile of Usher in one run more.
func (w *world) profile(ctx context.Context, r *rush) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return r.run(ctx) })
	group.Go(func() error {
		seconds := max(1, int(w.cfg.Load.Seconds()))
		ask, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", w.usher.profiles, seconds), nil)
		if err != nil {
			return err
		}
		answer, err := (&http.Client{Timeout: r.w.cfg.Load + time.Minute}).Do(ask)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			return fmt.Errorf("profile: %s", answer.Status)
		}
		_, err = io.Copy(w.cfg.Profile, answer.Body)
		return err
	})
	return group.Wait()
}

// rush is one run of the table.
type rush struct {
	w        *world
	archive  archive
	clients  int
	database int

	done                  atomic.Int64
	took                  time.Duration
	usherCPU, databaseCPU time.Duration
	// busy is how much of the cores was busy, in percent.
	busy float64
}

func (r *rush) run(ctx context.Context) error {
	usher, database, err := r.spent()
	if err != nil {
		return err
	}
	before, err := coresNow()
	if err != nil {
		return err
	}
	each := r.w.usher.clients
	each.every = time.Duration(r.clients) * lookEvery // all together as often as one alone
	begin := time.Now()
	group, ctx := errgroup.WithContext(ctx)
	for range r.clients {
		group.Go(func() error {
			for first := true; first || time.Since(begin) < r.w.cfg.Load; first = false {
				if _, err := each.imports(ctx, bytes.NewReader(r.archive.content)); err != nil {
					return err
				}
				r.done.Add(1)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	r.took = time.Since(begin)
	if r.busy, err = before.busySince(); err != nil {
		return err
	}
	usherThen, databaseThen, err := r.spent()
	r.usherCPU, r.databaseCPU = usherThen-usher, databaseThen-database
	return err
}

// spent is the time of the cores that both have taken so far.
func (r *rush) spent() (usher, database time.Duration, err error) {
	now, err := usageOf(r.w.usher.pid())
	if err != nil {
		return 0, 0, err
	}
	database, err = familyCPU(r.database)
	return now.cpu, database, err
}

// databasePID is the process that has started those of all connections.
func (w *world) databasePID(ctx context.Context) (int, error) {
	var connection int
	if err := w.db.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&connection); err != nil {
		return 0, err
	}
	own, err := usageOf(connection)
	return own.parent, err
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
