package export

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/stage"
)

// CodeMediaMissing is the issue of a file that the archive should hold and lacks.
const CodeMediaMissing = "export_media_missing"

// writing is one run's writing of an archive.
type writing struct {
	run     *stage.Run
	archive *openevent.Writer
	event   *eventRow
	shelf   *shelf
	v1      *openevent.V1
	// refused counts what the rules of the old server do not let pass, and has the first
	// of it.
	refused refusals
}

type refusals struct {
	n     int
	first []contracts.Issue
}

// write writes the archive of the run's event to out: what the rows say in one snapshot,
// and behind it, when that is closed, the files that they name. These never change.
func write(ctx context.Context, run *stage.Run, publicURL string, out io.Writer) (refusals, error) {
	w := &writing{
		run:     run,
		archive: openevent.NewWriter(out, openevent.Dialect(run.Carried.Export.Dialect)),
		shelf:   &shelf{Export: *run.Carried.Export, named: make(map[string]string)},
		v1:      openevent.NewV1(nil), // of the event itself forms say nothing
	}
	w.archive.TooLarge = run.Report
	err := postgres.InTx(ctx, run.DB, postgres.TxOptions{Snapshot: true}, func(ctx context.Context, tx *postgres.Tx) error {
		return w.rows(ctx, &snapshot{db: run.DB, tx: tx, imported: run.Carried.Export.Of}, publicURL)
	})
	if err == nil {
		err = w.archive.Meta(publicURL + "/")
	}
	if err == nil {
		err = w.media(ctx)
	}
	if err != nil {
		return refusals{}, err
	}
	return w.refused, w.archive.Close()
}

func (w *writing) rows(ctx context.Context, s *snapshot, publicURL string) error {
	event, err := s.look(ctx, w.run.Broker)
	if err != nil {
		return err
	}
	w.event = event
	w.run.SetEvent(event.facts())
	w.shelf.zone = told(event.Timezone, w.run.Zone)
	w.shelf.address = publicURL + "/v1/events/" + event.id() + "/media/"
	if err := w.expect(ctx, s); err != nil {
		return err
	}
	if w.shelf.lacking, err = s.lacking(ctx); err != nil {
		return err
	}
	var links []linkRow
	if err := s.of(&links).OrderExpr(orderOfLinks).Scan(ctx); err != nil {
		return fmt.Errorf("links: %w", err)
	}
	for _, part := range []func() error{
		func() error { return w.core(event, links) },
		func() error { return w.forms(rows[formRow](ctx, s, s.of((*formRow)(nil)).OrderExpr(orderOfForms))) },
		func() error { return list[microlocationRow](ctx, w, s, openevent.Microlocations) },
		func() error { return list[sponsorRow](ctx, w, s, openevent.Sponsors) },
		func() error { return list[speakerRow](ctx, w, s, openevent.Speakers) },
		func() error { return list[trackRow](ctx, w, s, openevent.Tracks) },
		func() error { return list[sessionTypeRow](ctx, w, s, openevent.SessionTypes) },
		func() error { return list[sessionRow](ctx, w, s, openevent.Sessions) },
	} {
		if err := part(); err != nil {
			return err
		}
	}
	return nil
}

// expect counts what there is to write, for those who watch.
func (w *writing) expect(ctx context.Context, s *snapshot) error {
	w.run.Carried.Totals = map[contracts.EntityType]int{contracts.Events: 1}
	for t, model := range map[contracts.EntityType]any{
		contracts.SocialLinks: (*linkRow)(nil), contracts.CustomForms: (*formRow)(nil),
		contracts.Microlocations: (*microlocationRow)(nil), contracts.Sponsors: (*sponsorRow)(nil),
		contracts.Speakers: (*speakerRow)(nil), contracts.Tracks: (*trackRow)(nil),
		contracts.SessionTypes: (*sessionTypeRow)(nil), contracts.Sessions: (*sessionRow)(nil),
	} {
		n, err := s.count(ctx, model)
		if err != nil {
			return fmt.Errorf("%s: %w", t, err)
		}
		w.run.Carried.Totals[t] = n
	}
	return nil
}

func (w *writing) core(event *eventRow, links []linkRow) error {
	extra, err := event.extra()
	if err != nil {
		return err
	}
	files := fields{shelf: w.shelf, owner: contracts.Events, name: event.Name, id: event.id(), files: event.Files}
	record := openevent.Record[openevent.Event]{ID: event.id(), Value: event.event(links, w.shelf.zone, files), Extra: extra}
	if err := records(w, openevent.Events, one(record)); err != nil {
		return err
	}
	w.run.Count(contracts.Events, 1)
	w.run.Count(contracts.SocialLinks, len(links))
	return nil
}

// forms writes the forms. The old server looks at the first record only, and there is what
// it requires of speakers and sessions.
func (w *writing) forms(all iter.Seq2[*formRow, error]) error {
	n := 0
	counted := func(yield func(*formRow, error) bool) {
		for row, err := range all {
			if err == nil {
				n++
			}
			if !yield(row, err) {
				return
			}
		}
	}
	index := 0
	err := records(w, openevent.Forms, func(yield func(openevent.Record[openevent.Form], error) bool) {
		for record, err := range formRecords(counted) {
			record.Index = index
			if index++; index == 1 && err == nil {
				w.v1 = openevent.NewV1(record.Value.Fields())
			}
			if !yield(record, err) {
				return
			}
		}
	})
	if err != nil {
		return fmt.Errorf("forms: %w", err)
	}
	w.run.Count(contracts.CustomForms, n)
	return nil
}

// mapped is a row of a list that becomes a record of type Record.
type mapped[Row, Record any] interface {
	*Row
	common() *row
	called() string
	record(fields) Record
}

// list writes the records of a file, a row of the view for each.
func list[Row, Record any, P mapped[Row, Record]](ctx context.Context, w *writing, s *snapshot, f openevent.File[Record]) error {
	query := withRelated(withFiles(s.of((*Row)(nil)), f.Type), f.Type).OrderExpr("r.id")
	n := 0
	err := records(w, f, func(yield func(openevent.Record[Record], error) bool) {
		for r, err := range rows[Row](ctx, s, query) {
			var record openevent.Record[Record]
			if err == nil {
				p := P(r)
				files := fields{shelf: w.shelf, owner: f.Type, name: p.called(), id: p.common().id(), files: p.common().Files}
				record.ID, record.Index, record.Value = p.common().id(), n, p.record(files)
				record.Extra, err = p.common().extra()
			}
			if !yield(record, err) || err != nil {
				return
			}
			n++
			w.run.Progress(f.Type, n)
		}
	})
	if err != nil {
		return fmt.Errorf("%s: %w", f.Type, err)
	}
	w.run.Count(f.Type, n)
	return nil
}

// records writes a file, and notes what the old server would refuse in it.
func records[Record any](w *writing, f openevent.File[Record], all iter.Seq2[openevent.Record[Record], error]) error {
	return openevent.WriteRecords(w.archive, f, func(yield func(openevent.Record[Record], error) bool) {
		for record, err := range all {
			if err == nil && w.shelf.Dialect == string(openevent.DialectA) {
				openevent.RefusedByV1(w.v1, f, record, w.refuse)
			}
			if !yield(record, err) {
				return
			}
		}
	})
}

func (w *writing) refuse(i contracts.Issue) {
	w.refused.n++
	if len(w.refused.first) < contracts.MaxIssuesInMessage {
		w.refused.first = append(w.refused.first, i)
	}
	w.run.Report(i)
}

// piece is how much of a file is read at once, and of the archive written.
const piece = 1 << 20

// begun is a file of the archive that begins with what is first written to it.
type begun struct {
	writer func() (io.Writer, error)
	to     io.Writer
}

func (b *begun) Write(p []byte) (n int, err error) {
	if b.to == nil {
		if b.to, err = b.writer(); err != nil {
			return 0, err
		}
	}
	return b.to.Write(p)
}

// media copies the files behind the records.
func (w *writing) media(ctx context.Context) error {
	w.run.Carried.Totals[contracts.MediaFiles] = len(w.shelf.files)
	n, buffer := 0, make([]byte, piece)
	for _, f := range w.shelf.files {
		// The first piece before the file is begun: it may not be there.
		to := &begun{writer: func() (io.Writer, error) { return w.archive.Media(f.name) }}
		err := w.run.Bucket.Pour(ctx, to, f.blob, f.size, buffer)
		if errors.Is(err, bucket.ErrNotFound) && to.to == nil {
			// It may have gone with its event, since that was read.
			if err := stands(ctx, w.run.Broker, w.run.Carried.Export.Of, w.event); err != nil {
				return err
			}
			w.run.Report(contracts.Issue{
				Severity: contracts.Warning, Code: CodeMediaMissing, Value: cut(f.name),
				Message: "The file is not in the store any more; the archive is without it",
			})
			continue
		}
		if err == nil && f.size == 0 {
			_, err = w.archive.Media(f.name)
		}
		if err != nil {
			return fmt.Errorf("media %q: %w", f.name, err)
		}
		n++
		w.run.Progress(contracts.MediaFiles, n)
	}
	w.run.Count(contracts.MediaFiles, n)
	return nil
}

// one gives records that are there.
func one[Record any](all ...openevent.Record[Record]) iter.Seq2[openevent.Record[Record], error] {
	return func(yield func(openevent.Record[Record], error) bool) {
		for _, record := range all {
			if !yield(record, nil) {
				return
			}
		}
	}
}
