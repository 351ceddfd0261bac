package bench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/services/standalone/internal/sample"
)

// onceFrom is how many sessions make an import take minutes.
const onceFrom = 500_000

// growth tells what becomes of the time for each record, and of the memory of each service,
// where imports become larger, beside the least that they could cost.
func growth(ctx context.Context, w *world) (t Table, err error) {
	t = Table{
		Title: "Imports of more and more sessions, each service in a process of its own",
		Notes: []string{
			"The processes are new for each size. Memory is the most that one had resident at once in all runs of a size.",
			fmt.Sprintf("Time: from the start of the POST until a client that looks every %s sees SUCCESS, by the records of the archive.", lookEvery),
			"The floor is that of the table imports: one COPY of the same rows for each table, and the publishes.",
			"One of half a million sessions or more is made once, because it takes minutes. A small event is the warm-up of each size.",
		},
	}
	a, err := w.openApart(ctx, "growth", "")
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	least, err := openFloor(ctx, a.database, a.broker.URL(), filepath.Join(w.folder, "growth"))
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, least.close()) }()
	for _, sessions := range w.cfg.Growth {
		g := size{sessions: sessions, runs: MinRuns}
		if sessions >= onceFrom {
			g.runs = 1
		}
		if err := g.measure(ctx, w, a, least); err != nil {
			return t, fmt.Errorf("%d sessions: %w", sessions, err)
		}
		t.Measures = append(t.Measures, g.measures()...)
	}
	return t, nil
}

// size is one size of an import.
type size struct {
	sessions, runs int

	records      int
	usher, floor []time.Duration
	memory       map[contracts.Service]float64
}

func (s *size) measure(ctx context.Context, w *world, a *apart, least *floor) (err error) {
	path := filepath.Join(w.folder, "growth.zip")
	if _, err := writeLarge(path, s.sessions); err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if s.records, err = recordsIn(file); err != nil {
		return err
	}
	if err := a.runAll(ctx); err != nil {
		return err
	}
	if err := warmUp(ctx, a, least); err != nil {
		return err
	}
	for range s.runs {
		usher, floor, err := importBoth(ctx, a, least, file)
		if err != nil {
			return err
		}
		s.usher, s.floor = append(s.usher, usher), append(s.floor, floor)
	}
	s.memory = make(map[contracts.Service]float64)
	for service, processes := range a.processes {
		most, err := mostResident(processes[0].pid())
		if err != nil {
			return err
		}
		s.memory[service] = float64(most) / (1 << 20)
	}
	return a.endAll()
}

// warmUp imports a small event, which opens all connections.
func warmUp(ctx context.Context, a *apart, least *floor) error {
	small, err := newArchive(smallSessions, smallSpeakers, sample.NoMedia)
	if err != nil {
		return err
	}
	_, _, err = importBoth(ctx, a, least, bytes.NewReader(small.content))
	return err
}

// importBoth imports an archive, and has the floor store what it came to.
func importBoth(ctx context.Context, a *apart, least *floor, archive io.ReadSeeker) (usher, floor time.Duration, err error) {
	one, err := a.imports(ctx, archive)
	if err != nil {
		return 0, 0, err
	}
	all, err := least.of(ctx, one.id, nil)
	if err != nil {
		return 0, 0, err
	}
	floor, err = least.importOnce(ctx, all)
	return one.took, floor, err
}

func (s *size) measures() []Measure {
	of := fmt.Sprintf(", %d sessions", s.sessions)
	usher, floor := durations("", s.usher), durations("", s.floor)
	all := []Measure{
		perRecord("Usher, each record"+of, s.records, usher), perRecord("the floor, each record"+of, s.records, floor),
		ratios("Usher / the floor"+of, usher, floor),
	}
	for _, service := range contracts.Services() {
		all = append(all, newMeasure(fmt.Sprintf("most memory of %s%s", service, of), "MiB", []float64{s.memory[service]}))
	}
	return all
}

// perRecord is a measure of what is left of each time for one record, in microseconds.
func perRecord(name string, records int, times Measure) Measure {
	samples := make([]float64, len(times.Samples))
	for i, ms := range times.Samples {
		samples[i] = 1000 * ms / float64(records)
	}
	return newMeasure(name, "µs", samples)
}

// recordsIn is how many records an archive has.
func recordsIn(file *os.File) (int, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	archive, err := openevent.Open(file, info.Size(), openevent.Limits{})
	if err != nil {
		return 0, err
	}
	found, err := openevent.Check(archive, nil)
	return recordsOf(found), err
}
