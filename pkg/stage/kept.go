package stage

import "github.com/usher-events/usher/contracts"

// maxKept is how many records a run keeps of a file that is needed twice. Of sessions
// these take some three megabytes; a longer file is read again.
const maxKept = 4000

// kept has what entities that read a file Again take of its records, by the type of these
// entities. The zero value is ready to use.
type kept map[contracts.EntityType]*keptRecords

type keptRecords struct {
	records []any
	// tooMany tells that some are missing.
	tooMany bool
}

// keep keeps of a record what an entity to come is made of.
func (r *Run) keep(of contracts.EntityType, rec any) {
	for _, e := range r.stage.Entities {
		if e.keeps == nil {
			continue
		}
		record, ok := e.keeps(of, rec)
		if !ok {
			continue
		}
		if r.kept == nil {
			r.kept = make(kept)
		}
		if r.kept[e.Type] == nil {
			r.kept[e.Type] = new(keptRecords)
		}
		r.kept[e.Type].add(record)
	}
}

func (k *keptRecords) add(record any) {
	if len(k.records) == maxKept {
		k.records, k.tooMany = nil, true
	}
	if !k.tooMany {
		k.records = append(k.records, record)
	}
}

// take hands over what was kept for a type; all is false where that is not all there is,
// or where nothing was read before.
func (k kept) take(t contracts.EntityType) (records []any, all bool) {
	found := k[t]
	if found == nil || found.tooMany {
		return nil, false
	}
	records = found.records
	found.records, found.tooMany = nil, true // once is enough
	return records, true
}
