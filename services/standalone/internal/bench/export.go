package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// filmSize is how long each film is.
const filmSize = 1 << 20

// exports tells how much memory the export of a large event with many films takes. It is
// made once, because its import takes minutes; each service has a process of its own, and
// those that export are new.
func exports(ctx context.Context, w *world) (t Table, err error) {
	t = Table{
		Title: fmt.Sprintf("One export of %d sessions and %d films of 1 MiB, each service in a process of its own", w.cfg.Exported, w.cfg.Films),
		Notes: []string{
			"The processes are new. Memory is the most that query, which writes the archive, had resident at once.",
			fmt.Sprintf("Time: from the request until a client that looks every %s sees SUCCESS.", lookEvery),
		},
	}
	a, err := w.openApart(ctx, "export", "")
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, a.close()) }()
	path := filepath.Join(w.folder, "films.zip")
	if err := writeFilms(path, w.cfg.Exported, w.cfg.Films); err != nil {
		return t, err
	}
	if err := a.runAll(ctx, "USHER_MAX_UPLOAD=17179869184"); err != nil {
		return t, err
	}
	event, err := importFrom(ctx, a, path)
	if err != nil {
		return t, err
	}
	if err := errors.Join(os.Remove(path), a.endAll(), a.runAll(ctx)); err != nil {
		return t, err
	}
	one := imported{began: time.Now()}
	wanted := client.Wanted{Image: true, Video: true, Audio: true, Document: true}
	accepted, err := a.tasks.Export(ctx, event, wanted, client.DefaultPace())
	if err != nil {
		return t, err
	}
	one.id = accepted.ID
	if err := a.await(ctx, &one, contracts.EventExport); err != nil {
		return t, err
	}
	peak, err := mostResident(a.processes[contracts.QueryService][0].pid())
	if err != nil {
		return t, err
	}
	task, err := a.tasks.Task(ctx, one.id)
	if err != nil {
		return t, err
	}
	result, _ := task.Event()
	if result.Exported == nil {
		return t, fmt.Errorf("export %s has no archive", one.id)
	}
	megabytes := float64(result.Size) / 1e6
	t.Measures = []Measure{
		newMeasure("most memory of query", "MiB", []float64{float64(peak) / (1 << 20)}),
		durations("the export", []time.Duration{one.took}),
		newMeasure("of the archive", "MB/s", []float64{megabytes / one.took.Seconds()}),
	}
	return t, nil
}

// importFrom imports the archive of a file and returns the id of its event.
func importFrom(ctx context.Context, a *apart, path string) (event string, err error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	one, err := a.imports(ctx, file)
	if err != nil {
		return "", err
	}
	task, err := a.tasks.Task(ctx, one.id)
	if err != nil {
		return "", err
	}
	result, _ := task.Event()
	return result.ID, nil
}

// writeFilms writes an archive of so many sessions, the first of which have films.
func writeFilms(path string, sessions, films int) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	buffered := bufio.NewWriterSize(file, 1<<20)
	archive := openevent.NewWriter(buffered, openevent.DialectA)
	begin := time.Date(2031, 5, 2, 9, 0, 0, 0, time.UTC)
	film := func(n int) string { return fmt.Sprintf("videos/film_%d.mp4", n) }
	event := openevent.Event{
		ID: "1", Name: "Lantern Days", Timezone: "UTC", StartTime: openevent.TimeOf(begin, time.UTC), EndTime: openevent.TimeOf(begin.AddDate(0, 1, 0), time.UTC),
	}
	abstract := openevent.HTML("<p>" + strings.Repeat("How ropes are made, and what they hold. ", 20) + "</p>")
	for _, written := range []error{
		openevent.WriteRecords(archive, openevent.Events, records(1, func(int) openevent.Event { return event })),
		openevent.WriteRecords(archive, openevent.Speakers, records(sessions/100+1, func(n int) openevent.Speaker {
			return openevent.Speaker{ID: fmt.Sprint(n + 1), Name: fmt.Sprintf("Ada Quill %d", n)}
		})),
		openevent.WriteRecords(archive, openevent.Sessions, records(sessions, func(n int) openevent.Session {
			s := openevent.Session{
				ID: fmt.Sprint(n + 1), Title: fmt.Sprintf("Knots, part %d", n), LongAbstract: abstract, Speakers: []openevent.Ref{{ID: fmt.Sprint(n/100 + 1)}},
				StartTime: openevent.TimeOf(begin.Add(time.Duration(n)*time.Minute), time.UTC), EndTime: openevent.TimeOf(begin.Add(time.Duration(n+30)*time.Minute), time.UTC),
			}
			if n < films {
				s.Video = "/" + film(n)
			}
			return s
		})),
	} {
		if written != nil {
			return written
		}
	}
	noise := rand.NewChaCha8([32]byte{16})
	for n := range films {
		to, err := archive.Media(film(n))
		if err != nil {
			return err
		}
		// By these bytes a film is known for one.
		if _, err := io.Copy(to, io.MultiReader(strings.NewReader("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), io.LimitReader(noise, filmSize))); err != nil {
			return err
		}
	}
	return errors.Join(archive.Close(), buffered.Flush())
}

// records are n records.
func records[T any](n int, of func(int) T) iter.Seq2[openevent.Record[T], error] {
	return func(yield func(openevent.Record[T], error) bool) {
		for i := range n {
			if !yield(openevent.Record[T]{Value: of(i)}, nil) {
				return
			}
		}
	}
}
