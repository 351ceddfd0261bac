// Package tasks answers what is asked about imports over HTTP: the task
// document, the list of imports, and the issues, remaps and history of one.
package tasks

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// plain is the media type of the documents that are not JSON:API.
const plain = "application/json"

// Tasks reads imports from the projection, and one that is too new for it from
// the stream.
type Tasks struct {
	DB     *bun.DB
	Broker *broker.Broker
}

// Task answers with the task document, and says when to ask again as long as
// it will change.
func (t Tasks) Task(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	i, err := t.find(r.Context(), r.PathValue("id"), who)
	if err != nil {
		return err
	}
	if !i.State.Final() {
		w.Header().Set("Retry-After", "1")
	}
	return jsonapi.Write(w, r, plain, i.Task())
}

// find returns an import that who may see. What is not there, or not for them,
// is the same problem: ids of others are not confirmed.
func (t Tasks) find(ctx context.Context, id string, who auth.Identity) (projection.Import, error) {
	parsed, err := uuid.Parse(id)
	if err != nil || parsed.String() != id {
		return projection.Import{}, jsonapi.NotFound()
	}
	var i projection.Import
	err = t.DB.NewSelect().Model(&i).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		i, err = t.fromStream(ctx, id)
	}
	switch {
	case errors.Is(err, broker.ErrNotFound):
		return projection.Import{}, jsonapi.NotFound()
	case err != nil:
		return projection.Import{}, fmt.Errorf("import %s: %w", id, err)
	case !who.Admin && !i.Owner().Is(who.Owner()):
		return projection.Import{}, jsonapi.NotFound()
	}
	return i, nil
}

// fromStream makes what is known of an import from its request alone. Whoever
// has just been told 202 may ask before the projector has come to it.
func (t Tasks) fromStream(ctx context.Context, id string) (projection.Import, error) {
	env, payload, stored, err := t.request(ctx, id)
	if err != nil {
		return projection.Import{}, err
	}
	i, _ := projection.Fold(projection.Import{}, env, payload, stored)
	return i, nil
}

// request reads the request of an import from the stream, and when it was stored.
func (t Tasks) request(ctx context.Context, id string) (env contracts.Envelope, payload contracts.Payload, at time.Time, err error) {
	names := t.Broker.Names()
	for _, p := range contracts.Pipelines() {
		subject := names.Outcome(p.Kind, contracts.Ingest, id, 1, contracts.OutcomeCompleted)
		stored, err := t.Broker.Last(ctx, names.ImportsStream(), subject)
		if errors.Is(err, broker.ErrNotFound) {
			continue
		}
		if err != nil {
			return env, nil, at, err
		}
		env, payload, err = contracts.Decode(stored.Data)
		return env, payload, stored.Time, err
	}
	return env, nil, at, broker.ErrNotFound
}
