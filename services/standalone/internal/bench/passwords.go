package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/table"
)

// singleHashes is how many passwords are hashed one by one, for comparison; no more than
// the list has.
const singleHashes = 50

// passwords compares how many passwords of a list are hashed in a second with what the
// cores could do.
func passwords(ctx context.Context, w *world) (Table, error) {
	single := min(singleHashes, w.cfg.Hashed)
	t := Table{
		Title: fmt.Sprintf("One list of %d users in CSV, each with a password", w.cfg.Hashed),
		Notes: []string{
			fmt.Sprintf("Usher: from when the upload is accepted until a client that looks every %s sees SUCCESS.", lookEvery),
			fmt.Sprintf("One core: %d passwords hashed one by one, just before. The share is of that times %d cores.", single, runtime.NumCPU()),
		},
	}
	path := filepath.Join(w.folder, "hashed.csv")
	if err := (crew{users: w.cfg.Hashed, format: table.CSV, withPasswords: true}).write(path); err != nil {
		return t, err
	}
	var ours, alone []time.Duration
	for range w.cfg.Runs {
		begin := time.Now()
		for range single {
			auth.HashPassword("the horse of somebody")
		}
		alone = append(alone, time.Since(begin))
		one, err := w.importsFresh(ctx, path, table.CSV, w.cfg.Hashed)
		if err != nil {
			return t, err
		}
		ours = append(ours, one.took)
	}
	usher, core := rates("Usher", "hashes/s", w.cfg.Hashed, ours), rates("one core", "hashes/s", single, alone)
	shares := make([]float64, len(ours))
	for i := range shares {
		shares[i] = 100 * usher.Samples[i] / (core.Samples[i] * float64(runtime.NumCPU()))
	}
	t.Measures = []Measure{usher, core, newMeasure("share of what all cores could do", "%", shares)}
	return t, nil
}
