package contracts

import "slices"

// Kind names a kind of import; it decides which pipeline an import runs through.
type Kind string

// The kinds of import.
const (
	// EventArchive is a zip in the Open Event format that becomes an event.
	EventArchive Kind = "event-archive"
	// UserList is a table of people (CSV, Excel) who become accounts.
	UserList Kind = "user-list"
	// EventCheck is such a zip that is checked as an import would, and of which
	// nothing is made: a dry run.
	EventCheck Kind = "event-check"
	// ListCheck is such a table of which nothing is made: a dry run.
	ListCheck Kind = "list-check"
	// EventExport is an event that becomes such a zip again. Nothing is uploaded:
	// what is asked for is the event.
	EventExport Kind = "event-export"
)

// Check tells whether nothing is made of what is uploaded.
func (k Kind) Check() bool { return k == EventCheck || k == ListCheck }

// Uploaded tells whether it begins with a file.
func (k Kind) Uploaded() bool { return k != EventExport }

// List tells whether it is a table of people that is uploaded.
func (k Kind) List() bool { return k == UserList || k == ListCheck }

// Stage names one step of a pipeline. Ingest is not a stage that consumes
// anything, but its outcome is what the first stage waits for.
type Stage string

// The stages. Query is that of exports: who reads all that stages have made writes it
// into an archive.
const (
	Ingest   Stage = "ingest"
	Event    Stage = "event"
	People   Stage = "people"
	Schedule Stage = "schedule"
	Media    Stage = "media"
	Query    Stage = "query"
	Notify   Stage = "notify"
)

// Stages lists the stages that consume something.
func Stages() []Stage {
	var all []Stage
	for _, p := range Pipelines() {
		for _, s := range p.Stages {
			if s != Ingest && !slices.Contains(all, s) {
				all = append(all, s)
			}
		}
	}
	return all
}

// Maker returns the stage that counts entities of a type in the imports of this kind:
// an export has one for all of them.
func (k Kind) Maker(t EntityType) Stage {
	if k == EventExport {
		return Query
	}
	return t.Maker()
}

// Pipeline is the order in which the stages of one kind of import run.
// The first is Ingest, the last is Notify, which finishes the import whether
// it succeeded or failed.
type Pipeline struct {
	Kind   Kind
	Stages []Stage
}

// Pipelines lists every kind of import. Adding a kind is a line here; the
// subjects and consumers follow from it.
func Pipelines() []Pipeline {
	return []Pipeline{
		{Kind: EventArchive, Stages: []Stage{Ingest, Event, People, Schedule, Media, Notify}},
		{Kind: UserList, Stages: []Stage{Ingest, People, Notify}},
		{Kind: EventCheck, Stages: []Stage{Ingest, Event, Notify}},
		{Kind: ListCheck, Stages: []Stage{Ingest, People, Notify}},
		{Kind: EventExport, Stages: []Stage{Ingest, Query, Notify}},
	}
}

// PipelineOf returns the pipeline of a kind, and false for a kind that is not known.
func PipelineOf(kind Kind) (Pipeline, bool) {
	for _, p := range Pipelines() {
		if p.Kind == kind {
			return p, true
		}
	}
	return Pipeline{}, false
}

// Before returns the stage whose completion starts stage s, and false where s
// is the first one or does not belong to the pipeline.
func (p Pipeline) Before(s Stage) (Stage, bool) {
	i := slices.Index(p.Stages, s)
	if i < 1 {
		return "", false
	}
	return p.Stages[i-1], true
}

// After returns the stage that the completion of s starts, and false where s
// is the last one or does not belong to the pipeline.
func (p Pipeline) After(s Stage) (Stage, bool) {
	i := slices.Index(p.Stages, s)
	if i < 0 || i == len(p.Stages)-1 {
		return "", false
	}
	return p.Stages[i+1], true
}

// Position returns the place of s in the pipeline, counted from 0, or -1.
func (p Pipeline) Position(s Stage) int { return slices.Index(p.Stages, s) }

// Last returns the stage that finishes an import of this pipeline.
func (p Pipeline) Last() Stage { return p.Stages[len(p.Stages)-1] }
