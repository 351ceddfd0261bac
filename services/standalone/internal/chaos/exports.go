package chaos

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/begin"
)

// exportOf makes the export of the event that an archive becomes.
func exportOf(of *cargo) *cargo {
	export := *of
	export.name, export.kind, export.content = "export of "+of.name, contracts.EventExport, ""
	return &export
}

// by is the same cargo of somebody else.
func (c *cargo) by(who auth.Identity) *cargo {
	theirs := *c
	theirs.owner = who
	return &theirs
}

// exportOf is the export of the event that an import has made. Its id is known before it is
// asked for: a request may have been taken whose answer did not come, and later the event be
// gone, so that asking again does not tell.
func (w *world) exportOf(ctx context.Context, s *shipment, who auth.Identity, key string) (*shipment, error) {
	event, err := w.eventOf(ctx, s.id)
	if err != nil {
		return nil, err // there is none, or not yet
	}
	asks := who
	asks.Issuer = signing.Issuer
	number := strconv.FormatInt(event, 10)
	return &shipment{
		cargo: s.exports.by(who), key: key, of: s.id, event: number,
		awaited: begin.KeyID(asks, begin.ExportRoute(number), key, time.Now()),
	}, nil
}

// askForExport asks once.
func (w *world) askForExport(ctx context.Context, s *shipment) (int, []byte, error) {
	token, err := w.token(s.owner)
	if err != nil {
		return 0, nil, err
	}
	return w.to(ctx, contracts.QueryService, request{
		method: http.MethodPost, path: "/v1/events/" + s.event + "/export/json", token: token,
		header: map[string]string{begin.KeyHeader: s.key},
	})
}

// exportable chooses an event to be exported, nil where there is none: one that stands as
// far as is known. What becomes of it in the same moment is up to the other orders.
func (m *mischief) exportable(ctx context.Context, o order) *shipment {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	imports, err := m.w.projected(ctx)
	if err != nil {
		return nil
	}
	all := those(m.load.soFar(), func(s *shipment) bool { return s.exports != nil && imports[s.id].State == contracts.Success })
	if len(all) == 0 {
		return nil
	}
	return all[o.which/8%uint64(len(all))]
}

// exportAmid has the event of an import exported, and sends the other command of the order
// in the midst of that.
func (m *mischief) exportAmid(ctx context.Context, s *shipment, o order) {
	var group sync.WaitGroup
	defer group.Wait()
	if o.beside != "" && o.beside != cancel {
		group.Go(func() {
			if pause(ctx, o.later) {
				m.send(ctx, o.beside, s)
			}
		})
	}
	if e := m.export(ctx, s, o); e != nil && o.beside == cancel && pause(ctx, o.later) {
		m.send(ctx, cancel, e)
	}
}

// export has the event of an import exported, and returns the export where it was
// accepted. It asks until it is answered, and now and then once more, as a client does
// that has not heard the answer.
func (m *mischief) export(ctx context.Context, s *shipment, o order) *shipment {
	who := s.owner
	if o.which%5 == 0 {
		who = operator
	}
	e, err := m.w.exportOf(ctx, s, who, fmt.Sprintf("export-%x", o.which))
	if err != nil {
		return nil
	}
	for {
		status, answer, err := m.w.askForExport(ctx, e)
		switch again := err != nil || notNow(status); {
		case again:
			m.load.unheard(e)
		case status != http.StatusAccepted: // the event is gone, or being made anew
			m.answered(export, s, status, answer)
			return nil
		default:
			first := e.id == ""
			m.load.accept(e, m.answered(export, s, status, answer).ID)
			if o.which%7 != 0 || !first {
				return e
			}
		}
		if !pause(ctx, uploadAgain) {
			return nil
		}
	}
}

// unheard remembers an export whose request was not answered.
func (l *load) unheard(s *shipment) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.silent, s) {
		l.silent = append(l.silent, s)
	}
}

// calmExports exports the event of each calm import that makes one.
func (l *load) calmExports(ctx context.Context) error {
	for _, s := range l.soFar() {
		if s.exports == nil {
			continue
		}
		e, err := l.w.exportOf(ctx, s, s.owner, s.key)
		if err != nil {
			return err
		}
		e.cargo = s.exports // which is to remember what came of it
		status, answer, err := l.w.askForExport(ctx, e)
		if err != nil || status != http.StatusAccepted {
			return fmt.Errorf("%s: %d %s %w", e.name, status, answer, err)
		}
		var accepted document
		if err := json.Unmarshal(answer, &accepted); err != nil {
			return err
		}
		if accepted.ID != e.awaited {
			return fmt.Errorf("%s is %s, and its key leads to %s", e.name, accepted.ID, e.awaited)
		}
		l.accept(e, accepted.ID)
	}
	return l.w.settle(ctx, l.soFar())
}

// awaited adds exports to the shipments that were accepted without anybody hearing of it.
func (v *verdict) awaited(courses map[string]*course) {
	for _, s := range v.silent {
		if s.id == "" && courses[s.awaited] != nil {
			s.id = s.awaited
			v.shipments = append(v.shipments, s)
		}
	}
}

// exportRow is a row of query.exports.
type exportRow struct {
	storedFile
	Attempt int
}

func (w *world) exportRows(ctx context.Context) (map[string]exportRow, error) {
	var rows []exportRow
	err := w.db.NewRaw(`SELECT import_id AS import, attempt, blob, sha256, size FROM query.exports`).Scan(ctx, &rows)
	all := make(map[string]exportRow, len(rows))
	for _, row := range rows {
		all[row.Import] = row
	}
	return all, err
}

// export holds an export against that of the calm import of the same cargo.
func (v *verdict) export(ctx context.Context, s *shipment, c *course) error {
	row, recorded := v.exports[s.id]
	for _, key := range v.blobs.exports[s.id] {
		if key != row.Blob {
			v.report.OrphanedExports++ // a try that came to nothing
		}
	}
	if recorded {
		wrong, err := v.w.fault(row.storedFile)
		if err != nil {
			return err
		}
		if wrong != "" {
			v.find(Lost, s.id, "%s", wrong)
		}
	}
	if c.state == contracts.Failure {
		if !v.befell(s.of, c.code) {
			v.find(Lost, s.id, "%s is %s %s; of its event: %s", s.name, c.state, c.code, v.story(s.of))
		}
		// What an earlier attempt has come to stays until it is swept.
		if recorded && (!c.succeeded || row.Attempt >= c.attempt) {
			v.find(Orphaned, s.id, "it has failed, and has an archive of attempt %d", row.Attempt)
		}
		return nil
	}
	if !recorded || c.exported == nil {
		v.find(Lost, s.id, "it has succeeded: its row is there: %t, its result: %t", recorded, c.exported != nil)
		return nil
	}
	if c.exported.Size != row.Size || c.exported.SHA256 != row.Sha256 {
		v.find(Lost, s.id, "its result tells of %d bytes %s, and its row of %d bytes %s", c.exported.Size, c.exported.SHA256, row.Size, row.Sha256)
	}
	made, wrong, err := v.w.downloaded(ctx, s, c)
	if err != nil {
		return err
	}
	if wrong != "" {
		v.find(Lost, s.id, "%s", wrong)
		return nil
	}
	if different := made.differences(*s.calm.archive); different != "" {
		v.find(Lost, s.id, "its archive: %s", different)
	}
	if different := v.tables[s.id].made().differences(s.calm.made); different != "" {
		v.find(Lost, s.id, "%s: %s", s.name, different)
	}
	return nil
}

// befell tells whether an export may have failed with a code because of what befell the
// import of its event.
func (v *verdict) befell(id, code string) bool {
	c := v.courses[id]
	switch {
	case c == nil:
		return false
	case code == "event_gone":
		return c.state.TakenBack() || c.failed
	}
	return code == "event_changing" && c.attempt > 1
}

// story is what has become of an import, for people.
func (v *verdict) story(id string) string {
	c := v.courses[id]
	if c == nil {
		return id + ", of which nothing is known"
	}
	return fmt.Sprintf("%s, %s in attempt %d", id, c.state, c.attempt)
}

// downloaded is the archive of an export as whoever has asked for it gets it, or what is
// wrong with it.
func (w *world) downloaded(ctx context.Context, s *shipment, c *course) (made archived, wrong string, err error) {
	token, err := w.token(s.owner)
	if err != nil {
		return made, "", err
	}
	status, archive, err := w.to(ctx, contracts.QueryService, request{method: http.MethodGet, path: "/v1/exports/" + s.id, token: token})
	switch sum := sha256.Sum256(archive); {
	case err != nil:
		return made, fmt.Sprintf("its archive does not come: %v", err), nil
	case status != http.StatusOK:
		return made, fmt.Sprintf("its archive does not come: %d %.300s", status, archive), nil
	case hex.EncodeToString(sum[:]) != c.exported.SHA256:
		return made, fmt.Sprintf("its archive comes as %d other bytes than its result says", len(archive)), nil
	}
	if made, err = readArchive(archive); err != nil {
		return made, fmt.Sprintf("its archive: %v", err), nil
	}
	made.told = maps.Clone(c.counts)
	return made, "", nil
}
