package bench

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/services/standalone/internal/sample"
)

// checkedSessions is how many times more sessions the checked archive has than
// the imported ones: checking those takes too little time to measure.
const checkedSessions = 10

// check tells how fast archives are checked.
func check(ctx context.Context, w *world) (Table, error) {
	sessions := w.cfg.Sessions * checkedSessions
	t := Table{
		Title: fmt.Sprintf("Checking an archive of %d sessions", sessions),
		Notes: []string{"Unpacking, reading and comparing in one goroutine, from memory; MB of unpacked JSON."},
	}
	a, err := newArchive(sessions, w.cfg.Speakers, sample.NoMedia)
	if err != nil {
		return t, err
	}
	size, err := unpacked(bytes.NewReader(a.content), int64(len(a.content)))
	if err != nil {
		return t, err
	}
	var speeds []float64
	for i := range w.cfg.Runs + 1 {
		begin := time.Now()
		if _, err := checkOnce(a.content); err != nil {
			return t, err
		}
		if i > 0 { // the first is the warm-up
			speeds = append(speeds, float64(size)/1e6/time.Since(begin).Seconds())
		}
		if err := ctx.Err(); err != nil {
			return t, err
		}
	}
	t.Measures = append(t.Measures, newMeasure(fmt.Sprintf("openevent.Check, %.0f MB", float64(size)/1e6), "MB/s", speeds))
	return t, nil
}

// checkOnce checks an archive, which has to be in order, and tells what is in it.
func checkOnce(content []byte) (openevent.Summary, error) {
	archive, err := openevent.Open(bytes.NewReader(content), int64(len(content)), openevent.Limits{})
	if err != nil {
		return openevent.Summary{}, err
	}
	var wrong error
	found, err := openevent.Check(archive, func(i contracts.Issue) {
		if i.Severity == contracts.Error {
			wrong = fmt.Errorf("made-up archive: %s", i)
		}
	})
	if err == nil {
		err = wrong
	}
	return found, err
}
