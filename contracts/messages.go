package contracts

import (
	"reflect"
	"time"
)

// ImportRequested is published by ingest once the file, an archive or a list,
// is durable in the bucket. It is the outcome of the stage Ingest.
type ImportRequested struct {
	// Blob is the archive's key in the bucket.
	Blob string `json:"blob"`
	// FileName is what the client called the file, for people only.
	FileName string `json:"file_name,omitempty"`
	// Size is the archive's length in bytes, SHA256 its hash in lower-case hex.
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// Options are what the client asked for beside the upload itself.
	Options Options `json:"options,omitzero"`
	// EarlierImport is the newest earlier import of the same bytes by the same
	// owner, as far as ingest knew of one; a hint for people.
	EarlierImport string `json:"earlier_import,omitempty"`
}

// ExportRequested asks for an event as an archive. It is published by query, which
// answers who asks, as the outcome of the stage Ingest, so that it begins a pipeline as
// an upload does.
type ExportRequested struct {
	// Event is what is to be exported, by what it was called when somebody asked.
	Event EventFacts `json:"event"`
	// FileName is what the archive is called for people.
	FileName string `json:"file_name"`
	Export
}

// MessageType implements Payload.
func (*ExportRequested) MessageType() string { return "usher.export.requested.v1" }

// Export says what of an event an archive is to hold, and how.
type Export struct {
	// Of is the id of the import that has made the event.
	Of string `json:"of"`
	// Dialect says how keys are spelled: "a" or "b".
	Dialect string `json:"dialect"`
	// Image, Video, Audio and Document say which media the archive is to hold; of the
	// others it has the addresses.
	Image    bool `json:"image,omitempty"`
	Video    bool `json:"video,omitempty"`
	Audio    bool `json:"audio,omitempty"`
	Document bool `json:"document,omitempty"`
	// AsAdministrator says that the event is another's, so that who asked needs to be
	// an administrator still for whatever comes of it.
	AsAdministrator bool `json:"as_administrator,omitempty"`
}

// Options say how an import is to be done. The zero value is the default.
type Options struct {
	// Publish shows the event to everybody as soon as the import has succeeded.
	// Without it the event is a draft that only its owner sees.
	Publish bool `json:"publish,omitempty"`
	// Mode says what becomes of input that is not as it should be.
	Mode Mode `json:"mode,omitempty"`
	// FetchMedia brings in the files that the archive names by addresses of the
	// web. Without it such an address stays what it is.
	FetchMedia bool `json:"fetch_media,omitempty"`

	// OnConflict says what becomes of a row of a list whose nick or address an
	// account has already.
	OnConflict OnConflict `json:"on_conflict,omitempty"`
	// NoInvite leaves the accounts of a list that come without a password as they
	// are. Without it their people are written to, to choose one.
	NoInvite bool `json:"no_invite,omitempty"`
	// Mapping says for columns of a list, by title or as "#3", which field they
	// hold; "" leaves a column out. Of all others the title decides.
	Mapping map[string]string `json:"mapping,omitempty"`
}

// Equal tells whether the same was asked for.
func (o Options) Equal(other Options) bool { return reflect.DeepEqual(o, other) }

// OnConflict says what becomes of a row whose account there is already.
type OnConflict string

// What becomes of such a row. The zero value is the first: the row is an error.
const (
	ConflictFails   OnConflict = ""
	ConflictSkips   OnConflict = "skip"
	ConflictUpdates OnConflict = "update"
)

// ParseOnConflict reads what a client asks for: "fail", "skip", "update" or nothing.
func ParseOnConflict(s string) (OnConflict, bool) {
	switch c := OnConflict(s); c {
	case "fail":
		return ConflictFails, true
	case ConflictFails, ConflictSkips, ConflictUpdates:
		return c, true
	}
	return "", false
}

// MessageType implements Payload.
func (*ImportRequested) MessageType() string { return "usher.import.requested.v1" }

// Carried is what an import knows so far; each completion hands it on, so that
// no stage has to ask another.
type Carried struct {
	// Blob is empty of an export, which reads no upload.
	Blob     string  `json:"blob,omitempty"`
	FileName string  `json:"file_name,omitempty"`
	Options  Options `json:"options,omitzero"`
	// EarlierImport is as in ImportRequested.
	EarlierImport string `json:"earlier_import,omitempty"`
	// Event is known from the event stage on, of an export from the beginning on, but not
	// of a check, which makes none.
	Event *EventFacts `json:"event,omitempty"`
	// EventName is what the event of a check is called, known from its event
	// stage on; empty of every other kind.
	EventName string `json:"event_name,omitempty"`
	// Remaps names the keys of the remaps made so far, by entity type.
	Remaps map[EntityType]string `json:"remaps,omitempty"`
	// Totals says how many records the archive holds, by entity type.
	Totals map[EntityType]int `json:"totals,omitempty"`
	// Rebuilt names the types of which sessions carry records inside them that
	// their own lists lack; the stage that makes the type looks there, too.
	Rebuilt []EntityType `json:"rebuilt,omitempty"`
	// Accounts says what a list came to, known from its people stage on.
	Accounts *Accounts `json:"accounts,omitempty"`
	// Export is what an export was asked for, nil of every other kind. Exported is what it
	// came to, known from its query stage on.
	Export   *Export   `json:"export,omitempty"`
	Exported *Exported `json:"exported,omitempty"`
	// Mended tells that the file holds rows that an earlier attempt has left out of a
	// list, and no others. Accounts says then what those attempts came to.
	Mended bool `json:"mended,omitempty"`
	// Issues counts what all stages so far found.
	Issues IssueCounts `json:"issues"`
}

// EventFacts is what later stages and readers need to know of the event.
type EventFacts struct {
	// ID is the new event's id, Identifier its public short name.
	ID         string `json:"id"`
	Identifier string `json:"identifier"`
	Name       string `json:"name"`
	// Timezone is an IANA name; naive times of the archive are in it.
	Timezone string `json:"timezone"`
}

// Completed is the common part of every stage's completion.
type Completed struct {
	Carried
	// Counts says how many rows this stage made, by entity type.
	Counts map[EntityType]int `json:"counts"`
	// Found counts this stage's own issues; FirstIssues are the first of them,
	// at most MaxIssuesInMessage.
	Found       IssueCounts `json:"found"`
	FirstIssues []Issue     `json:"first_issues,omitempty"`
	// StartedAt is when the stage began, in UTC.
	StartedAt time.Time `json:"started_at"`
}

// EventImported tells that the whole archive was checked and the event's core
// exists; of a check the former only.
type EventImported struct{ Completed }

// MessageType implements Payload.
func (*EventImported) MessageType() string { return "usher.event.imported.v1" }

// PeopleImported tells that sponsors and speakers exist, or the users of a list.
type PeopleImported struct{ Completed }

// MessageType implements Payload.
func (*PeopleImported) MessageType() string { return "usher.people.imported.v1" }

// ScheduleImported tells that rooms, tracks, session types and sessions exist.
type ScheduleImported struct{ Completed }

// MessageType implements Payload.
func (*ScheduleImported) MessageType() string { return "usher.schedule.imported.v1" }

// MediaImported tells that every file that the archive holds is stored, and what
// could be fetched from the web where that was asked for.
type MediaImported struct{ Completed }

// MessageType implements Payload.
func (*MediaImported) MessageType() string { return "usher.media.imported.v1" }

// EventExported tells that the archive of an event is there to be downloaded.
type EventExported struct{ Completed }

// MessageType implements Payload.
func (*EventExported) MessageType() string { return "usher.event.exported.v1" }

// StageFailed is the other outcome of a stage: it will not go on in this attempt.
type StageFailed struct {
	Carried
	// Stage is the one that failed.
	Stage Stage `json:"stage"`
	// Code is stable: "invalid_archive", "tries_exhausted", …
	Code string `json:"code"`
	// Reason is one sentence for people.
	Reason string `json:"reason"`
	// Tries is how often the stage ran, 0 where it was given up unseen.
	Tries       int         `json:"tries"`
	Found       IssueCounts `json:"found"`
	FirstIssues []Issue     `json:"first_issues,omitempty"`
	StartedAt   time.Time   `json:"started_at"`
}

// MessageType implements Payload.
func (*StageFailed) MessageType() string { return "usher.stage.failed.v1" }

// ImportFinished ends an attempt. It goes out on the import's control subject,
// where it is ordered among the commands.
type ImportFinished struct {
	// State is Success or Failure.
	State State `json:"state"`
	// Result is set on success.
	Result *Result `json:"result,omitempty"`
	// Failure is the readable reason, set on failure: the first error and how
	// many more there are.
	Failure string `json:"failure,omitempty"`
	// FailedStage and Code are set on failure.
	FailedStage Stage       `json:"failed_stage,omitempty"`
	Code        string      `json:"code,omitempty"`
	Issues      IssueCounts `json:"issues"`
	// FirstIssues are the issues that decided a failure.
	FirstIssues []Issue `json:"first_issues,omitempty"`
}

// MessageType implements Payload.
func (*ImportFinished) MessageType() string { return "usher.import.finished.v1" }

// CancelRequested takes back an import that has not ended. Like every command it
// goes out on the import's control subject and takes effect with being stored
// there; what stages have made so far goes as in a discard.
type CancelRequested struct {
	// By is who asked for it: the owner or an administrator.
	By Owner `json:"by"`
}

// MessageType implements Payload.
func (*CancelRequested) MessageType() string { return "usher.cancel.requested.v1" }

// DiscardRequested takes an import back that has ended: everything that was made
// of it is to go. It is a command on the import's control subject and takes effect
// with being stored there; each stage then removes what it has made, on its own
// and in any order.
type DiscardRequested struct {
	// By is who asked for it: the owner or an administrator.
	By Owner `json:"by"`
}

// MessageType implements Payload.
func (*DiscardRequested) MessageType() string { return "usher.discard.requested.v1" }

// TakenBack returns the state that a command gives to an import of which all that
// was made is to go, and false for every other message.
func TakenBack(p Payload) (State, bool) {
	switch p.(type) {
	case *CancelRequested:
		return Canceled, true
	case *DiscardRequested:
		return Discarded, true
	}
	return "", false
}

// EventEdited tells that the event of an import was changed by people. It stands
// among the commands, because it decides about later ones: neither a replay nor a
// discard is to undo somebody's work unasked. It is told once for each attribute
// that is changed for the first time.
type EventEdited struct {
	// Attributes names all that were changed since the import has succeeded, as
	// the API names them, in alphabetical order.
	Attributes []string `json:"attributes"`
	// By is who changed the last of them.
	By Owner `json:"by"`
}

// MessageType implements Payload.
func (*EventEdited) MessageType() string { return "usher.event.edited.v1" }

// ReplayRequested begins the next attempt of an import that has ended: the
// attempt of its envelope. It is a command on the import's control subject and
// itself what starts the stage From, so that no second message can get lost.
type ReplayRequested struct {
	// Carried is what the stage before From has handed on.
	Carried
	// From is the stage to begin with.
	From Stage `json:"from"`
	// By is who asked for it: the owner or an administrator.
	By Owner `json:"by"`
}

// MessageType implements Payload.
func (*ReplayRequested) MessageType() string { return "usher.replay.requested.v1" }

// Progress tells how far a stage is. It travels on STATUS, where losing one
// costs nothing.
type Progress struct {
	Stage Stage `json:"stage"`
	// Type is what is being made; empty while the stage begins or waits.
	Type EntityType `json:"type,omitempty"`
	Done int        `json:"done"`
	// Total is 0 where it is not known.
	Total int `json:"total"`
	// Note tells of a try that did not succeed: what was wrong and when the next one is.
	Note string `json:"note,omitempty"`
}

// MessageType implements Payload.
func (*Progress) MessageType() string { return "usher.progress.v1" }

// StageCleared tells that a stage has removed what it has made of an import that
// was taken back. It travels on STATUS.
type StageCleared struct {
	Stage Stage `json:"stage"`
}

// MessageType implements Payload.
func (*StageCleared) MessageType() string { return "usher.stage.cleared.v1" }

// CompletionOf makes the payload with which a stage reports its completion,
// and nil for a stage that has none of its own (ingest, notify).
func CompletionOf(s Stage, c Completed) Payload {
	switch s {
	case Event:
		return &EventImported{Completed: c}
	case People:
		return &PeopleImported{Completed: c}
	case Schedule:
		return &ScheduleImported{Completed: c}
	case Media:
		return &MediaImported{Completed: c}
	case Query:
		return &EventExported{Completed: c}
	}
	return nil
}

// CompletedOf returns the common part of a completion, and false for any other payload.
func CompletedOf(p Payload) (Completed, bool) {
	switch m := p.(type) {
	case *EventImported:
		return m.Completed, true
	case *PeopleImported:
		return m.Completed, true
	case *ScheduleImported:
		return m.Completed, true
	case *MediaImported:
		return m.Completed, true
	case *EventExported:
		return m.Completed, true
	}
	return Completed{}, false
}

// CarriedBy returns what a trigger of a stage hands on: the completion before
// it, the request, a replay, or a failure (for notify). False for any other payload.
func CarriedBy(p Payload) (Carried, bool) {
	switch m := p.(type) {
	case *ImportRequested:
		return Carried{Blob: m.Blob, FileName: m.FileName, Options: m.Options, EarlierImport: m.EarlierImport}, true
	case *ExportRequested:
		return Carried{FileName: m.FileName, Event: &m.Event, Export: &m.Export}, true
	case *StageFailed:
		return m.Carried, true
	case *ReplayRequested:
		return m.Carried, true
	}
	c, ok := CompletedOf(p)
	return c.Carried, ok
}
