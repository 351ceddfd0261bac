package chaos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/usher-events/usher/contracts"
)

// Config says what is run.
type Config struct {
	// Usher and NATS are the paths of the binaries.
	Usher, NATS string
	// Environment is what usher is started with beside its settings.
	Environment []string
	// Folder is where the run makes a temporary folder of its own; empty is the
	// system's. It is removed after a run that has found nothing.
	Folder string
	// Seed decides what is uploaded and what is harmed when.
	Seed uint64
	// Imports is how many uploads there are, within For.
	Imports int
	For     time.Duration
	// Out takes what is told on the way.
	Out io.Writer
}

// Report is what came of a run.
type Report struct {
	Seed    uint64
	Imports int
	// Exports counts the ends of those that are exports of events, failures by their code.
	Exports map[string]int
	// States counts the ends of the imports.
	States map[contracts.State]int
	// Strikes counts what was done to processes, Answers what commands were answered.
	Strikes, Answers map[string]int
	// Tries is how many messages were delivered again.
	Tries uint64
	// Replayed counts imports that had used up their tries, and were replayed at the end.
	Replayed int
	// MailsAgain counts mails that came again under their Message-ID, because who
	// sent them died before it could write down that it had.
	MailsAgain int
	// OrphanedUploads counts files of uploads that nobody accepted, UnfinishedFiles
	// those that a killed process was writing, OrphanedExports archives of tries that came
	// to nothing. Sweeping takes them away.
	OrphanedUploads, UnfinishedFiles, OrphanedExports int
	// VainStarts counts processes that ended before they were ready, because what
	// they need was away.
	VainStarts int
	Findings   []Finding
	Took       time.Duration
	// Folder is where it all lies, where something was found.
	Folder string
}

// Count tells how many findings are of a sort.
func (r Report) Count(sort Sort) int {
	n := 0
	for _, f := range r.Findings {
		if f.Sort == sort {
			n++
		}
	}
	return n
}

// Print writes the report for people.
func (r Report) Print(out io.Writer) error {
	states := make(map[string]int)
	for state, n := range r.States {
		states[string(state)] = n
	}
	for _, f := range r.Findings {
		if _, err := fmt.Fprintln(out, f); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(out, "seed %d: %d imports (%s), of them exports: %s; in %s; %s; commands: %s; %d tries, %d replayed at the end, "+
		"%d mails sent again, %d orphaned uploads, %d orphaned exports, %d unfinished files, %d vain starts\n"+
		"seed %d: %d lost, %d doubled, %d orphaned, %d amiss\n",
		r.Seed, r.Imports, summary(states), summary(r.Exports), r.Took.Round(time.Second), summary(r.Strikes), summary(r.Answers), r.Tries, r.Replayed,
		r.MailsAgain, r.OrphanedUploads, r.OrphanedExports, r.UnfinishedFiles, r.VainStarts,
		r.Seed, r.Count(Lost), r.Count(Doubled), r.Count(Orphaned), r.Count(Amiss))
	if err == nil && r.Folder != "" {
		_, err = fmt.Fprintf(out, "seed %d: logs, database and files are in %s\n", r.Seed, r.Folder)
	}
	return err
}

// Run makes a world, harms it while it works, and judges it.
func Run(ctx context.Context, cfg Config) (report Report, err error) {
	begin := time.Now()
	tell := teller(cfg.Out, begin)
	tell("seed %d, %d imports in %s", cfg.Seed, cfg.Imports, cfg.For)
	report = Report{Seed: cfg.Seed, States: make(map[contracts.State]int), Exports: make(map[string]int)}
	folder, err := os.MkdirTemp(cfg.Folder, "usher-chaos-")
	if err != nil {
		return report, err
	}
	defer func() {
		if err == nil && len(report.Findings) == 0 {
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

	random := rand.New(rand.NewPCG(cfg.Seed, 0)) //nolint:gosec // it is to be the same each time
	goods, err := newGoods(random, cfg.Imports)
	if err != nil {
		return report, err
	}
	l, err := newLoad(w, goods, random, cfg.Imports, cfg.For)
	if err != nil {
		return report, err
	}
	p := newPlan(random, slices.Sorted(maps.Keys(w.victims())), cfg.For)
	if err := l.calm(ctx, goods.first()); err != nil {
		return report, err
	}
	tell("%d calm imports and exports; %d strikes and %d commands are planned", len(l.soFar()), len(p.strikes), len(p.orders))

	m := &mischief{w: w, load: l, tell: tell, done: make(map[string]int), answers: make(map[string]int)}
	var group sync.WaitGroup
	group.Go(func() { l.run(ctx) })
	err = m.run(ctx, p)
	group.Wait()
	if err = errors.Join(err, ctx.Err()); err != nil {
		return report, err
	}
	if err := w.ready(ctx); err != nil {
		return report, err
	}
	tell("the mischief is over, %d imports were accepted", len(l.soFar()))

	v := verdict{w: w, shipments: l.soFar(), silent: l.silent, obeyed: m.obeyed, report: &report, findings: l.findings}
	if report.Replayed, err = v.settle(ctx); err != nil {
		return report, err
	}
	if report.Findings, err = v.judge(ctx); err != nil {
		return report, err
	}
	if report.Tries, err = w.tries(ctx); err != nil {
		return report, err
	}
	report.Imports, report.Strikes, report.Answers = len(v.shipments), m.done, m.answers
	report.Took = time.Since(begin)
	return report, nil
}

// teller writes lines with the time since the beginning.
func teller(out io.Writer, begin time.Time) func(string, ...any) {
	var mu sync.Mutex
	return func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		_, _ = fmt.Fprintf(out, "%7.2f  %s\n", time.Since(begin).Seconds(), fmt.Sprintf(format, args...)) // for people who watch
	}
}
