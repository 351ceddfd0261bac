package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/usher-events/usher/contracts"
)

// SoakConfig says for how long Usher is worked.
type SoakConfig struct {
	// Usher, NATS, Environment and Folder are as in Config.
	Usher, NATS string
	Environment []string
	Folder      string
	// For is how long it takes in all. Processes are restarted in the first part of it, and
	// what they take is looked at in the rest, under the same load.
	For time.Duration
	// Out takes what is told on the way.
	Out io.Writer
}

const (
	// restartsFor is the part of the time in which processes are restarted, in fifths.
	restartsFor = 3
	// restartEvery is how much time there is for each restart, and lookEvery for each look.
	restartEvery, lookEvery = 8 * time.Second, 5 * time.Second
	// sweepEvery is how often what is no longer needed is swept, as operators do each hour.
	sweepEvery = time.Minute
)

// SoakReport is what came of it.
type SoakReport struct {
	// Imports is how many were made and taken back, Restarts how many processes were
	// restarted.
	Imports, Restarts int
	// Quantities are what was looked at.
	Quantities []Quantity
	// Findings are imports that did not end as they should.
	Findings []Finding
	// Folder is where it all lies, where something was found or grows.
	Folder string
}

// Growing lists what was not flat at the end.
func (r SoakReport) Growing() []Quantity {
	return slices.DeleteFunc(slices.Clone(r.Quantities), Quantity.Flat)
}

// Print writes the report for people.
func (r SoakReport) Print(out io.Writer) error {
	if _, err := fmt.Fprintf(out, "%d imports were made and taken back, %d processes restarted\n\n", r.Imports, r.Restarts); err != nil {
		return err
	}
	for _, f := range r.Findings {
		if _, err := fmt.Fprintln(out, f); err != nil {
			return err
		}
	}
	columns := tabwriter.NewWriter(out, 0, 0, 3, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprint(columns, "median\tgrowth\tfor each import\t\t\n") // Flush tells
	for _, q := range r.Quantities {
		verdict := "flat"
		if !q.Flat() {
			verdict = "GROWS"
		}
		_, _ = fmt.Fprintf(columns, "%s\t%s\t%s\t%s\t   %s\n", q.text(q.Median()), q.text(q.Growth()), q.text(q.PerImport()), verdict, q.Name)
	}
	if err := columns.Flush(); err != nil {
		return err
	}
	if r.Folder == "" {
		return nil
	}
	_, err := fmt.Fprintf(out, "logs, database and files are in %s\n", r.Folder)
	return err
}

// Soak works Usher under a steady load whose imports are all taken back, restarts every
// process in turn, and tells whether what it takes is flat at the end.
func Soak(ctx context.Context, cfg SoakConfig) (report SoakReport, err error) {
	tell := teller(cfg.Out, time.Now())
	folder, err := os.MkdirTemp(cfg.Folder, "usher-soak-")
	if err != nil {
		return report, err
	}
	defer func() {
		if err == nil && len(report.Findings) == 0 && len(report.Growing()) == 0 {
			err = os.RemoveAll(folder)
			return
		}
		report.Folder = folder
	}()
	// For the database server of a root process, which runs as another user.
	if err := os.Chmod(folder, 0o755); err != nil { //nolint:gosec // see above
		return report, err
	}
	w, err := openWorld(ctx, programs{usher: cfg.Usher, nats: cfg.NATS, environment: cfg.Environment}, folder)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	goods, err := newGoods(rand.New(rand.NewPCG(1, 0)), 1) //nolint:gosec // it is to be the same each time
	if err != nil {
		return report, err
	}

	loading, stop := context.WithCancel(ctx)
	defer stop()
	l := &steady{w: w, cargoes: append(slices.Clone(goods.small), goods.media...)}
	var group sync.WaitGroup
	group.Go(func() { l.run(loading) })
	group.Go(func() { w.sweepAgain(loading) })
	report.Restarts, err = w.restartAll(ctx, cfg.For*restartsFor/5)
	if err == nil {
		tell("%d restarts, %d imports; now nothing is restarted any more", report.Restarts, l.soFar())
		report.Quantities, err = w.watch(ctx, cfg.For*(5-restartsFor)/5, l.soFar)
	}
	stop()
	group.Wait()
	report.Imports, report.Findings = l.soFar(), l.findings
	return report, err
}

// restartAll restarts every process in turn, again and again, and tells how often it did.
func (w *world) restartAll(ctx context.Context, lasting time.Duration) (restarts int, err error) {
	all := w.victims()
	names := slices.Sorted(maps.Keys(all))
	for begin := time.Now(); time.Since(begin) < lasting; {
		name := names[restarts%len(names)]
		if err := all[name].restart(ctx); err != nil {
			return restarts, fmt.Errorf("restart %s: %w", name, err)
		}
		restarts++
		if !pause(ctx, restartEvery) {
			return restarts, ctx.Err()
		}
	}
	return restarts, w.ready(ctx)
}

// sweepAgain sweeps at equal distances until ctx ends. What is refused, because something is
// away, is swept the next time.
func (w *world) sweepAgain(ctx context.Context) {
	for pause(ctx, sweepEvery) {
		if token, err := w.token(operator); err == nil {
			_, _, _ = w.to(ctx, contracts.QueryService, request{method: http.MethodPost, path: "/v1/sweep", token: token})
		}
	}
}

// watch looks at everything so often, at equal distances, and twice at least.
func (w *world) watch(ctx context.Context, lasting time.Duration, imports func() int) ([]Quantity, error) {
	gauges := newGauges(w)
	begin := time.Now()
	for looks := 0; looks < 2 || time.Since(begin) < lasting; looks++ {
		if !pause(ctx, lookEvery) {
			return nil, ctx.Err()
		}
		if err := gauges.look(ctx, imports()); err != nil {
			return nil, err
		}
	}
	return gauges.quantities(), nil
}
