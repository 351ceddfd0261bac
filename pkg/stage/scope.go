package stage

import (
	"strconv"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/remap"
)

// Scope is what a mapping function may know beside its record. It does no I/O:
// whatever a mapping looks up was read before.
type Scope struct {
	ImportID string
	Attempt  int
	// Owner is who uploaded, Options what they asked for.
	Owner   contracts.Owner
	Options contracts.Options
	// Event is known from the event stage on.
	Event contracts.EventFacts
	// Zone is where the archive's naive times are; UTC until Event is known.
	Zone *time.Location
	// Archive is where the record stands; for asking which files it holds.
	Archive *openevent.Archive
	// Report takes a finding about the record.
	Report func(contracts.Issue)

	remaps map[contracts.EntityType]remap.Map
	// made has the ids of the rows that this run made, by the record's index.
	made map[contracts.EntityType][]int64
}

// RowOf begins the row of a record.
func RowOf[Record any](s *Scope, rec openevent.Record[Record]) Row {
	return Row{Key: s.Key(rec.Origin()), SourceID: rec.ID, Unknown: rec.Unknown()}
}

// Nested begins the row of the n-th value inside a record.
func (s *Scope) Nested(origin string, n int, sourceID string) Row {
	return Row{Key: s.Key(origin + "/" + strconv.Itoa(n)), SourceID: sourceID}
}

// Key begins a row that has no id of its own.
func (s *Scope) Key(origin string) Key {
	return Key{ImportID: s.ImportID, Attempt: s.Attempt, Origin: origin}
}

// ID resolves a reference of the archive. It is nil where the reference is
// empty or leads nowhere; the check of the event stage has reported the latter.
func (s *Scope) ID(t contracts.EntityType, ref openevent.Ref) *int64 {
	return s.idOf(t, ref.ID)
}

// RecordID returns the id of the row that an earlier stage has made of a record,
// nil where it has made none. Unlike ID it tells records apart that share their
// source id, and finds those without one.
func (s *Scope) RecordID(t contracts.EntityType, origin, sourceID string) *int64 {
	if id, ok := s.remaps[t][byOrigin(origin)]; ok {
		return &id
	}
	return s.idOf(t, sourceID)
}

func (s *Scope) idOf(t contracts.EntityType, sourceID string) *int64 {
	id, ok := s.remaps[t][sourceID]
	if !ok || sourceID == "" {
		return nil
	}
	return &id
}

// MadeOf returns the id of the row that this run made of a record, by the
// record's index. Unlike ID it tells records apart that share their source id.
func (s *Scope) MadeOf(t contracts.EntityType, index int) int64 { return s.made[t][index] }

// reportUnforeseen takes what reading the archive finds. The check of the whole
// archive has reported it before, so only an error that it did not foresee is
// new: it must fail the stage rather than lose a record.
func (s *Scope) reportUnforeseen(i contracts.Issue) {
	if i.Severity == contracts.Error {
		s.Report(i)
	}
}
