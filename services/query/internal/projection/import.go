// Package projection folds what the streams tell of imports into one row each:
// the table query.imports, from which the task document and the lists of
// imports are read. The service runs its Projector beside its routes.
package projection

import (
	"maps"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
)

// Import is all that is known of one import. The zero value is one of which
// nothing has been heard.
type Import struct {
	bun.BaseModel `bun:"table:query.imports,alias:i"`

	ID         string `bun:"id,pk,type:uuid"`
	Kind       contracts.Kind
	OwnerIss   string
	OwnerSub   string
	OwnerEmail string

	State      contracts.State
	Stage      contracts.Stage
	WaitingFor contracts.Stage
	// WaitingSince is when the turn of WaitingFor came.
	WaitingSince *time.Time
	// StageDownSince and StagePausedUntil are of the stage whose turn it is or that
	// is at work, and not of the streams; see standing.
	StageDownSince   *time.Time
	StagePausedUntil *time.Time
	// Making is what the stage makes now, Note why it tries again; ToldAt is
	// when it said so, by its own clock.
	Making contracts.EntityType
	Note   string
	ToldAt *time.Time

	Attempt int
	Version int64
	// Changed is the place of the last change among those of all imports. The
	// database gives it when the import is written.
	Changed  int64
	Progress map[contracts.EntityType]Count `bun:"type:json"`

	IssuesError   int
	IssuesWarning int
	IssuesInfo    int

	// FileName, Size and SHA256 are those of the upload.
	FileName string
	Size     int64
	SHA256   string `bun:"sha256"`

	EventID *int64
	Result  *contracts.Result    `bun:"type:json"`
	Error   *contracts.TaskError `bun:"type:json"`
	// Failure is the readable line of a failure.
	Failure string
	// Cleared are the stages, in their order, that have removed what they made of an
	// import that was taken back.
	Cleared []contracts.Stage `bun:"type:json"`

	// All of these are by the clock of the broker, so that they can be compared.
	CreatedAt  time.Time
	StartedAt  *time.Time
	FinishedAt *time.Time
	UpdatedAt  time.Time
}

// Owner is who uploaded.
func (i Import) Owner() contracts.Owner {
	return contracts.Owner{Issuer: i.OwnerIss, Subject: i.OwnerSub, Email: i.OwnerEmail}
}

// Issues counts what all stages so far have found.
func (i Import) Issues() contracts.IssueCounts {
	return contracts.IssueCounts{Error: i.IssuesError, Warning: i.IssuesWarning, Info: i.IssuesInfo}
}

// Outcome is what the import came to, as old clients expect it: the result on
// success, a readable line on failure, nil before.
func (i Import) Outcome() any {
	switch {
	case i.State == contracts.Success && i.Result != nil:
		return i.Result
	case i.State == contracts.Failure:
		return i.Failure
	}
	return nil
}

// Task makes the task document.
func (i Import) Task() contracts.Task {
	return contracts.Task{
		ID:               i.ID,
		Kind:             i.Kind,
		State:            i.State,
		Message:          i.Message(),
		Note:             i.Note,
		Stage:            i.Stage,
		WaitingFor:       i.WaitingFor,
		WaitingSince:     utc(i.WaitingSince),
		StageDownSince:   utc(i.StageDownSince),
		StagePausedUntil: utc(i.StagePausedUntil),
		Progress:         i.shown(),
		Issues:           i.Issues(),
		Result:           i.Outcome(),
		Error:            i.Error,
		Cleanup:          i.Cleanup(),
		Attempt:          i.Attempt,
		Version:          i.Version,
		StartedAt:        utc(i.StartedAt),
		FinishedAt:       utc(i.FinishedAt),
	}
}

// shown is the progress without types that the input does not have.
func (i Import) shown() map[contracts.EntityType]contracts.TaskProgress {
	shown := make(map[contracts.EntityType]contracts.TaskProgress)
	for t, c := range i.Progress {
		if p := c.shown(); p != (contracts.TaskProgress{}) {
			shown[t] = p
		}
	}
	return shown
}

// clone returns a copy that shares nothing which Fold changes in place.
func (i Import) clone() Import {
	i.Progress = maps.Clone(i.Progress)
	if i.Progress == nil {
		i.Progress = make(map[contracts.EntityType]Count)
	}
	if i.Cleared == nil {
		i.Cleared = []contracts.Stage{}
	}
	return i
}

// utc shows a time in the same way wherever it was read from.
func utc(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	u := t.UTC()
	return &u
}
