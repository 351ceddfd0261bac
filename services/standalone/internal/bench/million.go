package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/usher-events/usher/pkg/table"
)

// million tells how much memory the largest lists take, each in a process that does
// nothing else. It is made once, because it takes minutes.
func million(ctx context.Context, w *world) (Table, error) {
	t := Table{
		Title: fmt.Sprintf("One list of %d users, without passwords and invitations", w.cfg.Million),
		Notes: []string{
			"One import, in a new process with every service and the broker in it; the database is another one.",
			"The time is from when the upload is accepted until the client sees SUCCESS.",
		},
	}
	for _, format := range []table.Format{table.CSV, table.XLSX} {
		path := filepath.Join(w.folder, "million."+string(format))
		if err := (crew{users: w.cfg.Million, format: format}).write(path); err != nil {
			return t, err
		}
		if err := w.restart(ctx); err != nil {
			return t, err
		}
		one, err := w.importsFresh(ctx, path, format, w.cfg.Million)
		if err != nil {
			return t, err
		}
		peak, err := w.end()
		if err != nil {
			return t, err
		}
		t.Measures = append(t.Measures,
			newMeasure("most memory resident at once, "+string(format), "MiB", []float64{float64(peak) / (1 << 20)}),
			rates("the import, "+string(format), "rows/s", w.cfg.Million, []time.Duration{one.took}),
		)
	}
	return t, nil
}
