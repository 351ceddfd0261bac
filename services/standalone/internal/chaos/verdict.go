package chaos

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/orphans"
)

// Sort is a sort of finding.
type Sort string

// The sorts of findings.
const (
	// Lost is what was accepted, or made, and is not there, or not as it must be.
	Lost Sort = "lost"
	// Doubled is what is there more often than once.
	Doubled Sort = "doubled"
	// Orphaned is what is there and belongs to nothing.
	Orphaned Sort = "orphaned"
	// Amiss is anything else that must not be, such as a panic.
	Amiss Sort = "amiss"
)

// Finding is something that must not be. Of is what it is about, mostly an import.
type Finding struct {
	Sort Sort
	Of   string
	What string
}

func (f Finding) String() string { return fmt.Sprintf("%s: %s: %s", f.Sort, f.Of, f.What) }

// verdict looks at everything that is there.
type verdict struct {
	w         *world
	shipments []*shipment
	// silent are exports of which nobody has heard whether they were accepted.
	silent []*shipment
	obeyed []obeyed

	courses   map[string]*course
	tables    map[string]contents
	projected map[string]projected
	exports   map[string]exportRow
	blobs     blobs
	mails     map[string]caught
	// byCargo are the courses of lists, which are imported once. started are the
	// checks that were, cleared when the last stage was done with what was taken back.
	byCargo map[*cargo]*course
	started map[string]bool
	cleared map[string]time.Time

	findings []Finding
	report   *Report
}

func (v *verdict) find(sort Sort, of, what string, args ...any) {
	v.findings = append(v.findings, Finding{sort, of, fmt.Sprintf(what, args...)})
}

// judge reads everything and returns what must not be.
func (v *verdict) judge(ctx context.Context) ([]Finding, error) {
	var err error
	if v.courses, err = v.w.courses(ctx); err != nil {
		return nil, err
	}
	v.awaited(v.courses)
	if v.tables, err = v.w.tables(ctx); err != nil {
		return nil, err
	}
	if v.projected, err = v.w.projected(ctx); err != nil {
		return nil, err
	}
	if v.exports, err = v.w.exportRows(ctx); err != nil {
		return nil, err
	}
	if v.blobs, err = v.w.blobsOf(); err != nil {
		return nil, err
	}
	if v.cleared, err = v.w.cleared(ctx); err != nil {
		return nil, err
	}
	v.mails = v.w.mails.mails()
	v.byCargo, v.started = make(map[*cargo]*course), make(map[string]bool)
	for _, s := range v.shipments {
		v.byCargo[s.cargo], v.started[s.check] = v.courses[s.id], true
	}
	for _, s := range v.shipments {
		if err := v.judgeImport(ctx, s); err != nil {
			return nil, err
		}
	}
	v.commands()
	err = errors.Join(v.strangers(ctx), v.runs(ctx), v.history(ctx), v.letters(ctx), v.invitations(ctx), v.files(ctx), v.remaps(ctx), v.dead(ctx), v.logs())
	v.processes()
	v.report.UnfinishedFiles = v.blobs.unfinished
	slices.SortFunc(v.findings, func(a, b Finding) int { return cmp.Or(cmp.Compare(a.Sort, b.Sort), cmp.Compare(a.Of, b.Of)) })
	return v.findings, err
}

// judgeImport holds one import against what its cargo must come to.
func (v *verdict) judgeImport(ctx context.Context, s *shipment) error {
	c := v.courses[s.id]
	if c == nil {
		v.find(Lost, s.id, "%s: it was accepted, and the stream has no message of it", s.name)
		return nil
	}
	v.report.States[c.state]++
	if s.kind == contracts.EventExport {
		v.report.Exports[cmp.Or(c.code, string(c.state))]++
	}
	for at, ids := range c.outcomes {
		if len(ids) > 1 {
			v.find(Doubled, s.id, "stage %s has %d outcomes in attempt %d", at.stage, len(ids), at.attempt)
		}
	}
	for attempt, ids := range c.ends {
		if len(ids) > 1 {
			v.find(Doubled, s.id, "attempt %d has ended %d times", attempt, len(ids))
		}
	}
	if shown := v.projected[s.id]; shown.State != c.state || shown.Attempt != c.attempt {
		v.find(Lost, s.id, "it is %s in attempt %d, and shown as %s in attempt %d", c.state, c.attempt, shown.State, shown.Attempt)
	}
	switch c.state {
	case contracts.Started:
		v.find(Lost, s.id, "%s has not ended: the last message is %s, shown is %q", s.name, c.last, v.projected[s.id].Message)
		return nil
	case contracts.Discarded, contracts.Canceled:
		if left := v.tables[s.id].leftOver(); len(left) > 0 {
			v.find(Orphaned, s.id, "it is %s, and %s", c.state, left.differences(nil))
		}
		if left := slices.Concat(v.blobs.uploads[s.id], v.blobs.media[s.id], v.blobs.exports[s.id]); len(left) > 0 {
			v.find(Orphaned, s.id, "it is %s, and there are %v", c.state, left)
		}
		return nil
	}
	if s.kind == contracts.EventExport {
		return v.export(ctx, s, c)
	}
	switch there := slices.Contains(v.blobs.uploads[s.id], c.blob); {
	case s.kind == contracts.UserList && there && c.state == contracts.Success:
		v.find(Orphaned, s.id, "the list with its passwords is still there")
	case s.kind == contracts.ListCheck && v.started[s.id]: // the import has a copy, and this one may go
	case !there && (s.kind != contracts.UserList || c.state == contracts.Failure):
		v.find(Lost, s.id, "the archive is gone")
	}
	v.report.OrphanedUploads += len(slices.DeleteFunc(slices.Clone(v.blobs.uploads[s.id]), func(key string) bool { return key == c.blob }))
	if s.repeatable() {
		v.repeated(s, c)
		return nil
	}
	return v.list(ctx, s, c)
}

// repeated holds an import against the calm one of the same cargo.
func (v *verdict) repeated(s *shipment, c *course) {
	if c.state != s.calm.state || c.code != s.calm.code {
		v.find(Lost, s.id, "%s is %s %s, not %s %s", s.name, c.state, c.code, s.calm.state, s.calm.code)
		return
	}
	made := v.tables[s.id].made()
	if different := made.differences(s.calm.made); different != "" {
		sort := Lost
		for table, d := range made {
			if d.rows > s.calm.made[table].rows {
				sort = Doubled
			}
		}
		v.find(sort, s.id, "%s: %s", s.name, different)
	}
}

// commands looks whether every command that was accepted has a place in the
// course of its import.
func (v *verdict) commands() {
	for _, o := range v.obeyed {
		c := v.courses[o.id]
		if c == nil {
			continue // found before
		}
		if (o.what == replay || o.what == force) && c.attempt < o.attempt ||
			o.what == remove && c.state != contracts.Discarded ||
			// A cancel takes the event away as well, which may be still there then.
			(o.what == removeEvent || o.what == cancel) && !c.state.TakenBack() {
			v.find(Lost, o.id, "the %s was accepted, and it is %s in attempt %d", o.what, c.state, c.attempt)
		}
	}
}

// strangers looks for rows and files of imports that nobody has asked for.
func (v *verdict) strangers(ctx context.Context) error {
	rows, err := orphans.Find(ctx, v.w.db)
	if err != nil {
		return err
	}
	for _, o := range rows { // and those that are shown follow
		v.find(Orphaned, o.Import, "no such import, and rows in %v", o.Tables)
	}
	for id := range v.projected {
		if v.courses[id] == nil {
			v.find(Orphaned, id, "no such import, and it is shown")
		}
	}
	for _, blobs := range []map[string][]string{v.blobs.media, v.blobs.exports} {
		for id, files := range blobs {
			if v.courses[id] == nil {
				v.find(Orphaned, id, "no such import, and there are %v", files)
			}
		}
	}
	for id, files := range v.blobs.uploads {
		if v.courses[id] == nil {
			v.report.OrphanedUploads += len(files)
		}
	}
	for id := range v.courses {
		if !slices.ContainsFunc(v.shipments, func(s *shipment) bool { return s.id == id }) {
			v.find(Doubled, id, "an import that nobody was told of")
		}
	}
	return nil
}

// runs compares what the stages remember of their runs with the stream: it has
// the very outcome that was committed, and no other.
func (v *verdict) runs(ctx context.Context) error {
	type run struct {
		Import, Message string
		Attempt         int
	}
	for _, stage := range contracts.Stages() {
		var rows []run
		err := v.w.db.NewRaw(fmt.Sprintf(`SELECT import_id AS import, message_id AS message, attempt FROM %s.stage_run`, stage)).Scan(ctx, &rows)
		if err != nil {
			return err
		}
		committed := make(map[string]map[int]string)
		for _, r := range rows {
			if committed[r.Import] == nil {
				committed[r.Import] = make(map[int]string)
			}
			committed[r.Import][r.Attempt] = r.Message
		}
		for id, c := range v.courses {
			if c.state == contracts.Discarded || c.state == contracts.Canceled {
				continue
			}
			told := make(map[int][]string)
			for at, ids := range c.outcomes {
				if at.stage == stage {
					told[at.attempt] = ids
				}
			}
			if stage == contracts.Notify {
				told = c.ends
			}
			for attempt, message := range committed[id] {
				// A replay may come before the end of the attempt, which is then nobody's business.
				if len(told[attempt]) == 0 && (stage != contracts.Notify || attempt == c.attempt) {
					v.find(Lost, id, "stage %s has committed attempt %d, and the stream does not know", stage, attempt)
				}
				if len(told[attempt]) > 0 && !slices.Contains(told[attempt], message) {
					v.find(Doubled, id, "stage %s has committed another outcome of attempt %d than it has told", stage, attempt)
				}
			}
			for attempt := range told {
				if committed[id][attempt] == "" {
					v.find(Lost, id, "stage %s has told of attempt %d, and not committed it", stage, attempt)
				}
			}
		}
	}
	return nil
}

// history looks whether the query service has kept every outcome.
func (v *verdict) history(ctx context.Context) error {
	var kept []string
	if err := v.w.db.NewRaw(`SELECT message_id FROM query.history`).Scan(ctx, &kept); err != nil {
		return err
	}
	there := make(map[string]bool, len(kept))
	for _, id := range kept {
		there[id] = true
	}
	for id, c := range v.courses {
		for _, messages := range slices.Concat(slices.Collect(maps.Values(c.outcomes)), slices.Collect(maps.Values(c.ends))) {
			for _, message := range messages {
				if !there[message] {
					v.find(Lost, id, "its history lacks the message %s", message)
				}
			}
		}
	}
	return nil
}

// letters looks whether the owner was told once of each end.
func (v *verdict) letters(ctx context.Context) error {
	var rows []struct {
		Import               string
		Attempt, Told, Mails int
		State, MessageID     string
		Tries                int
	}
	err := v.w.db.NewRaw(`SELECT r.import_id AS import, r.attempt,
			(SELECT count(*) FROM notify.notifications n WHERE (n.import_id, n.attempt) = (r.import_id, r.attempt)) AS told,
			(SELECT count(*) FROM notify.mails m WHERE (m.import_id, m.attempt) = (r.import_id, r.attempt) AND m.invitee IS NULL) AS mails,
			coalesce(m.state, '') AS state, coalesce(m.message_id, '') AS message_id, coalesce(m.tries, 0) AS tries
		FROM notify.stage_run r LEFT JOIN notify.mails m ON (m.import_id, m.attempt) = (r.import_id, r.attempt) AND m.invitee IS NULL
		WHERE r.message ->> 'kind' NOT IN ('event-check', 'list-check')`).Scan(ctx, &rows)
	if err != nil {
		return err
	}
	for _, r := range rows {
		c := v.courses[r.Import]
		if c == nil {
			continue // a stranger
		}
		want := 1
		if c.owner.Email == "" {
			want = 0
		}
		if r.Told != 1 || r.Mails != want {
			v.find(Lost, r.Import, "attempt %d has %d notifications and %d mails", r.Attempt, r.Told, r.Mails)
		}
		if r.Mails == 0 {
			continue
		}
		switch times := v.mails["<"+r.MessageID+">"].times; {
		case len(c.ends[r.Attempt]) == 0 && r.State == "held" && times == 0: // a replay came before its end
		case r.State != "sent" || times == 0:
			v.find(Lost, r.Import, "the mail of attempt %d is %s and has come %d times", r.Attempt, r.State, times)
		case times > r.Tries:
			v.find(Doubled, r.Import, "the mail of attempt %d has come %d times in %d tries", r.Attempt, times, r.Tries)
		default:
			v.report.MailsAgain += times - 1
		}
	}
	for id, m := range v.mails {
		rest, isImport := strings.CutPrefix(id, "<import.")
		if !isImport {
			continue
		}
		importID, _, _ := strings.Cut(rest, ".")
		if v.courses[importID] == nil {
			v.find(Orphaned, importID, "no such import, and a mail %s", id)
		}
		if v.late(importID, m) {
			v.find(Orphaned, importID, "it was taken back, and its owner was told of it after that")
		}
	}
	return nil
}

// underWay is for how long a mail may be that was taken up before its import was taken
// back: database and sender may be frozen one after the other.
const underWay = 2 * longFreeze

// late tells whether a mail came after its import was taken back.
func (v *verdict) late(importID string, m caught) bool {
	cleared, was := v.cleared[importID]
	return was && m.last.After(cleared.Add(underWay))
}

// files compares the rows of media with the bucket, both ways.
func (v *verdict) files(ctx context.Context) error {
	rows, err := v.w.storedFiles(ctx)
	if err != nil {
		return err
	}
	named := make(map[string]bool)
	for _, row := range rows {
		named[row.Blob] = true
		wrong, err := v.w.fault(row)
		if err != nil {
			return err
		}
		if wrong != "" {
			v.find(Lost, row.Import, "%s", wrong)
		}
	}
	for id, keys := range v.blobs.media {
		c := v.courses[id]
		if c == nil || c.state == contracts.Discarded || c.state == contracts.Canceled {
			continue // found before
		}
		for _, key := range keys {
			if strings.HasPrefix(key, "media/") && !named[key] {
				v.find(Orphaned, id, "no row names %s", key)
			}
		}
	}
	return nil
}

// remaps looks for those of imports that were taken back.
func (v *verdict) remaps(ctx context.Context) error {
	var names contracts.Names
	bucket, err := v.w.js.KeyValue(ctx, names.RemapsBucket())
	if err != nil {
		return err
	}
	keys, err := bucket.ListKeys(ctx)
	if err != nil {
		return err
	}
	for key := range keys.Keys() {
		id, _, _ := strings.Cut(key, ".")
		if c := v.courses[id]; c == nil || c.state == contracts.Discarded || c.state == contracts.Canceled {
			v.find(Orphaned, id, "the remap %s", key)
		}
	}
	return nil
}

// dead looks for messages that nobody could read.
func (v *verdict) dead(ctx context.Context) error {
	var names contracts.Names
	stream, err := v.w.js.Stream(ctx, names.DeadStream())
	if err != nil {
		return err
	}
	if n := stream.CachedInfo().State.Msgs; n > 0 {
		v.find(Lost, "DEAD", "%d messages could not be read", n)
	}
	return nil
}

// processes looks for those that could not live with what befell the others.
func (v *verdict) processes() {
	for name, p := range v.w.services {
		starting, ready := p.fell()
		v.report.VainStarts += len(starting)
		for _, line := range ready {
			v.find(Amiss, name, "it has ended by itself: %.300s", line)
		}
	}
}

// logs looks for what must never be in one.
func (v *verdict) logs() error {
	for _, name := range slices.Sorted(maps.Keys(v.w.services)) {
		content, err := os.ReadFile(v.w.log(name))
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(content)) {
			for _, bad := range []string{"panic: ", "DATA RACE", "fatal error: "} {
				if strings.Contains(line, bad) {
					v.find(Amiss, name, "its log says: %.300s", strings.TrimSpace(line))
				}
			}
		}
	}
	return nil
}
