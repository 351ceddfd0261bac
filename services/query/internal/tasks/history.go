package tasks

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// Attempt is one run of an import.
type Attempt struct {
	Attempt int `json:"attempt"`
	// From is the stage with which it began.
	From        contracts.Stage `json:"from"`
	RequestedBy contracts.Owner `json:"requested_by"`
	RequestedAt time.Time       `json:"requested_at"`
	State       contracts.State `json:"state"`
	FinishedAt  *time.Time      `json:"finished_at"`
	// Stages are those that have come to an outcome, in the order in which they did.
	Stages []Outcome `json:"stages"`
}

// Outcome is what a stage came to in an attempt.
type Outcome struct {
	Stage   contracts.Stage   `json:"stage"`
	Outcome contracts.Outcome `json:"outcome"`
	// Code, Reason and Tries are those of a failure.
	Code   string `json:"code,omitempty"`
	Reason string `json:"reason,omitempty"`
	Tries  int    `json:"tries,omitempty"`
	// Issues are those that the stage itself has found, Counts what it has made.
	Issues    contracts.IssueCounts        `json:"issues"`
	Counts    map[contracts.EntityType]int `json:"counts"`
	StartedAt *time.Time                   `json:"started_at"`
	EndedAt   time.Time                    `json:"ended_at"`
}

// History tells the attempts of an import, the first one first.
func (t Tasks) History(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	i, err := t.Find(r.Context(), r.PathValue("id"), who)
	if err != nil {
		return err
	}
	all, err := t.Attempts(r.Context(), i)
	if err != nil {
		return err
	}
	return jsonapi.Write(w, r, plain, jsonapi.Document{Data: all})
}

// Attempts returns the attempts of an import, the first one first.
func (t Tasks) Attempts(ctx context.Context, i projection.Import) ([]Attempt, error) {
	entries, err := t.entries(ctx, i)
	if err != nil {
		return nil, fmt.Errorf("history of import %s: %w", i.ID, err)
	}
	return attempts(i, entries), nil
}

// entries reads the history of an import. What the task tells already and the
// projector has not come to, the request or a replay, is as the stream has it.
func (t Tasks) entries(ctx context.Context, i projection.Import) ([]projection.Entry, error) {
	var entries []projection.Entry
	err := t.DB.NewSelect().Model(&entries).Where("import_id = ?", i.ID).
		Order("attempt", "stored_at", "message_id").Scan(ctx)
	if err != nil {
		return nil, err
	}
	newest := 0
	if len(entries) > 0 {
		newest = entries[len(entries)-1].Attempt
	}
	if newest == i.Attempt {
		return entries, nil
	}
	var (
		env     contracts.Envelope
		payload contracts.Payload
		at      time.Time
	)
	if newest == 0 {
		env, payload, at, err = t.request(ctx, i.ID)
	} else {
		env, payload, at, err = t.replay(ctx, i, newest)
	}
	if errors.Is(err, broker.ErrNotFound) { // older than all that is kept
		return entries, nil
	}
	if err != nil {
		return nil, err
	}
	if e, ok := projection.EntryOf(env, payload, at); ok && e.Attempt > newest {
		entries = append(entries, e)
	}
	return entries, nil
}

// attempts makes the attempts of the entries, which are in their order.
func attempts(i projection.Import, entries []projection.Entry) []Attempt {
	all := []Attempt{}
	for _, e := range entries {
		if len(all) == 0 || all[len(all)-1].Attempt != e.Attempt {
			// What its request says comes first in it; where that is not kept
			// any more this is what is known.
			all = append(all, Attempt{
				Attempt: e.Attempt, From: e.Stage, RequestedBy: i.Owner(), RequestedAt: e.StoredAt.UTC(),
				State: contracts.Pending, Stages: []Outcome{},
			})
		}
		all[len(all)-1].add(e)
	}
	for n := range all {
		if all[n].Attempt == i.Attempt { // the task knows more: that a stage works, or that the import was discarded
			all[n].State, all[n].FinishedAt = i.State, i.Task().FinishedAt
		}
	}
	return all
}

func (a *Attempt) add(e projection.Entry) {
	at := e.StoredAt.UTC()
	if e.What == projection.Requested {
		a.From, a.RequestedAt = e.Stage, at
		a.RequestedBy = contracts.Owner{Issuer: e.ByIss, Subject: e.BySub, Email: e.ByEmail}
		return
	}
	o := Outcome{
		Stage: e.Stage, Outcome: contracts.OutcomeCompleted, Code: e.Code, Reason: e.Reason, Tries: e.Tries,
		Counts: e.Counts, EndedAt: at,
	}
	if o.Counts == nil {
		o.Counts = map[contracts.EntityType]int{}
	}
	if e.Issues != nil {
		o.Issues = *e.Issues
	}
	if e.StartedAt != nil {
		o.StartedAt = new(e.StartedAt.UTC())
	}
	switch e.What {
	case projection.Completed:
		a.State = contracts.Started
	case projection.Failed:
		// The end only confirms it.
		o.Outcome, a.State, a.FinishedAt = contracts.OutcomeFailed, contracts.Failure, &at
	case projection.Ended:
		a.State = e.State
		if a.FinishedAt == nil {
			a.FinishedAt = &at
		}
	}
	a.Stages = append(a.Stages, o)
}
