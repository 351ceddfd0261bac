package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/usher-events/usher/services/standalone/internal/sample"
)

// largeSessions is how many sessions come to a file of 1 GB.
const largeSessions = 600_000

// large tells how much memory the largest imports take. It is made once, because
// it takes minutes, in a process that does nothing else.
func large(ctx context.Context, w *world) (t Table, err error) {
	sessions := w.cfg.Large
	if sessions == 0 {
		sessions = largeSessions
	}
	t = Table{Notes: []string{
		"One import, in a new process with every service and the broker in it; the database is another one.",
		"The time is until the client sees SUCCESS.",
	}}
	path := filepath.Join(w.folder, "large.zip")
	size, err := writeLarge(path, sessions)
	if err != nil {
		return t, err
	}
	t.Title = fmt.Sprintf("One import of %d sessions, %.0f MB of JSON", sessions, float64(size)/1e6)
	if err := w.restart(ctx); err != nil {
		return t, err
	}
	file, err := os.Open(path)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	one, err := w.usher.imports(ctx, file)
	if err != nil {
		return t, err
	}
	peak, err := w.end()
	if err != nil {
		return t, err
	}
	t.Measures = []Measure{
		newMeasure("most memory resident at once", "MiB", []float64{float64(peak) / (1 << 20)}),
		durations("the import", []time.Duration{one.took}),
	}
	return t, nil
}

// writeLarge writes an archive without media and tells how much JSON is in it.
func writeLarge(path string, sessions int) (size int64, err error) {
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := sample.Write(file, sample.Config{Sessions: sessions, Speakers: sessions / 100, Seed: 16, Media: sample.NoMedia}); err != nil {
		return 0, err
	}
	end, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	return unpacked(file, end)
}
