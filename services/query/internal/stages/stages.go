// Package stages answers administrators how the stages are doing: who runs each
// of them, and what it has before it. The query service has the route.
package stages

import (
	"context"
	"net/http"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// lookTimeout is how long all questions to the broker may take together.
const lookTimeout = 10 * time.Second

// Stages asks the broker, which is the one that knows.
type Stages struct{ Broker *broker.Broker }

// Entry is one stage of one kind of import.
type Entry struct {
	Stage     contracts.Stage `json:"stage"`
	Kind      contracts.Kind  `json:"kind"`
	Instances []Instance      `json:"instances"`
	// Waiting, InFlight and Tried are as in broker.Backlog.
	Waiting     int        `json:"waiting"`
	InFlight    int        `json:"in_flight"`
	Tried       int        `json:"tried"`
	OldestSince *time.Time `json:"oldest_since"`
	PausedUntil *time.Time `json:"paused_until"`
}

// Instance is a process that runs a stage.
type Instance struct {
	ID    string    `json:"id"`
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// List answers with all stages, in the order of the pipelines.
func (s Stages) List(w http.ResponseWriter, r *http.Request, _ auth.Identity) error {
	entries, err := s.Look(r.Context())
	if err != nil {
		w.Header().Set("Retry-After", "5")
		return problem.New(http.StatusServiceUnavailable, "broker_unavailable",
			"The broker, which knows how the stages are doing, does not answer; try again later.").Because(err)
	}
	return jsonapi.Write(w, r, "application/json", jsonapi.Document{Data: entries})
}

// Look asks how all stages are doing, in the order of the pipelines.
func (s Stages) Look(ctx context.Context) ([]Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	there, err := s.Broker.Presence(ctx)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for _, c := range s.Broker.Names().Consumers() {
		backlog, err := s.Broker.Backlog(ctx, c)
		if err != nil {
			return nil, err
		}
		oldest, err := s.Broker.Oldest(ctx, c)
		if err != nil {
			return nil, err
		}
		e := Entry{
			Stage: c.Stage, Kind: c.Kind, Instances: []Instance{},
			Waiting: backlog.Waiting, InFlight: backlog.InFlight, Tried: backlog.Tried,
			OldestSince: known(oldest), PausedUntil: known(backlog.PausedUntil),
		}
		for _, i := range there[c.Name] {
			e.Instances = append(e.Instances, Instance{ID: i.ID, Host: i.Host, Since: i.Since})
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// known is nil for no time.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
