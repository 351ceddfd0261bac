// Package pause lets administrators hold up a stage for a while, and let it go on.
// The broker keeps the pause; there is nothing else to be told of it.
package pause

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/begin"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/problem"
)

// patience is how long a request waits for the broker.
const patience = 15 * time.Second

// Pauser answers POST /v1/stages/{stage}/pause and …/resume. It is safe for
// concurrent use.
type Pauser struct {
	Broker *broker.Broker
	Log    *slog.Logger
}

// standing is the body of an answer.
type standing struct {
	Stage contracts.Stage `json:"stage"`
	// PausedUntil is null after a resume.
	PausedUntil *time.Time `json:"paused_until"`
}

// Pause holds up all kinds of a stage for the time that the body says, from now
// on; a pause before ends with it. What the stage has in hand it finishes.
func (p Pauser) Pause(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	stage, err := stageOf(r)
	if err != nil {
		return err
	}
	wanted, err := wantedOf(w, r)
	if err != nil {
		return err
	}
	until := time.Now().UTC().Add(wanted).Round(time.Second)
	return p.change(w, r, who, "paused", standing{Stage: stage, PausedUntil: &until}, func(ctx context.Context, c contracts.Consumer) error {
		return p.Broker.Pause(ctx, c, until)
	})
}

// Resume lets all kinds of a stage go on.
func (p Pauser) Resume(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	stage, err := stageOf(r)
	if err != nil {
		return err
	}
	return p.change(w, r, who, "resumed", standing{Stage: stage}, p.Broker.Resume)
}

// change does the same to the consumers of all kinds. Where it fails in the middle
// it can be asked for again.
func (p Pauser) change(w http.ResponseWriter, r *http.Request, who auth.Identity, what string, to standing,
	do func(context.Context, contracts.Consumer) error) error {
	from := begin.OriginOf(r)
	w.Header().Set(problem.RequestIDHeader, from.Correlation)
	// A client that is gone must not leave half of it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), patience)
	defer cancel()
	for _, c := range p.Broker.Names().ConsumersOf(to.Stage) {
		if err := do(ctx, c); err != nil {
			w.Header().Set("Retry-After", "5")
			return problem.New(http.StatusServiceUnavailable, "broker_unavailable",
				"It is not known whether all of the stage is as it should be; ask for it again later.").Because(err)
		}
	}
	p.Log.InfoContext(ctx, "stage changed", "to", what, "stage", to.Stage, "until", to.PausedUntil,
		"issuer", who.Issuer, "subject", who.Subject, "request_id", from.Correlation)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(to) // a client that is gone by now finds it in the list of stages
	return nil
}

// stageOf reads the stage that a request is about.
func stageOf(r *http.Request) (contracts.Stage, error) {
	stage := contracts.Stage(r.PathValue("stage"))
	if !slices.Contains(contracts.Stages(), stage) {
		return "", unknownStage()
	}
	return stage, nil
}
