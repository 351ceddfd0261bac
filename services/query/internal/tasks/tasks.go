// Package tasks answers what is asked about imports over HTTP: the task
// document, once or as a stream, the list of imports, and the issues, remaps and
// history of one.
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
	"github.com/usher-events/usher/services/query/internal/live"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// plain is the media type of the documents that are not JSON:API.
const plain = "application/json"

// Tasks reads imports from the projection, and one that is too new for it from
// the stream.
type Tasks struct {
	DB     *bun.DB
	Broker *broker.Broker
	// Live tells of changes.
	Live *live.Hub
	// RowKeys makes the keys of rows that were left out of a list.
	RowKeys *auth.RowKeys
}

// Task answers with the task document, and says when to ask again as long as
// it will change.
func (t Tasks) Task(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	i, err := t.Find(r.Context(), r.PathValue("id"), who)
	if err != nil {
		return err
	}
	if !i.State.Final() {
		w.Header().Set("Retry-After", "1")
	}
	return jsonapi.Write(w, r, plain, i.Task())
}

// Find returns an import that who may see. What is not there, or not for them,
// is the same problem: ids of others are not confirmed. Pages show what it finds.
func (t Tasks) Find(ctx context.Context, id string, who auth.Identity) (projection.Import, error) {
	i, err := t.read(ctx, id)
	if err == nil && !who.Admin && !i.Owner().Is(who.Owner()) {
		return projection.Import{}, jsonapi.NotFound()
	}
	return i, err
}

// read is Find for whom nothing is hidden from.
func (t Tasks) read(ctx context.Context, id string) (projection.Import, error) {
	parsed, err := uuid.Parse(id)
	if err != nil || parsed.String() != id {
		return projection.Import{}, jsonapi.NotFound()
	}
	var i projection.Import
	err = t.DB.NewSelect().Model(&i).Where("id = ?", id).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		i, err = t.fromStream(ctx, id)
	case err == nil && (i.State == contracts.Failure || i.State == contracts.Success):
		i = t.commanded(ctx, i)
	}
	switch {
	case errors.Is(err, broker.ErrNotFound):
		return projection.Import{}, jsonapi.NotFound()
	case err != nil:
		return projection.Import{}, fmt.Errorf("import %s: %w", id, err)
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

// lookTimeout is how long an answer waits to hear whether a command came behind an end.
const lookTimeout = time.Second

// commanded is an import that has ended, or what a command has made of it that was
// accepted and that the projector has not come to: whoever has just been told so
// must not take the end before for its end. How a new attempt ended is left to the
// projector, since what a success has made is there with its row. A broker that
// does not answer leaves it at what is projected.
func (t Tasks) commanded(ctx context.Context, i projection.Import) projection.Import {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	env, payload, at, err := t.last(ctx, i)
	if err == nil && env.Attempt > i.Attempt {
		if _, taken := contracts.TakenBack(payload); !taken {
			env, payload, at, err = t.beginning(ctx, i, env.Attempt)
		}
	}
	if err != nil {
		return i
	}
	switch payload.(type) {
	case *contracts.CancelRequested, *contracts.DiscardRequested, *contracts.ReplayRequested:
		next, _ := projection.Fold(i, env, payload, at)
		return next
	}
	return i
}

// last reads the last command of an import, and when it was stored.
func (t Tasks) last(ctx context.Context, i projection.Import) (env contracts.Envelope, payload contracts.Payload, at time.Time, err error) {
	return t.inStream(ctx, t.Broker.Names().Control(i.Kind, i.ID))
}

// inStream reads the newest message of a subject, and when it was stored.
func (t Tasks) inStream(ctx context.Context, subject string) (env contracts.Envelope, payload contracts.Payload, at time.Time, err error) {
	stored, err := t.Broker.Last(ctx, t.Broker.Names().ImportsStream(), subject)
	if err != nil {
		return env, nil, at, err
	}
	env, payload, err = contracts.Decode(stored.Data)
	return env, payload, stored.Time, err
}

// replay reads from the stream the replay that began the newest attempt of an
// import, and when it was stored; broker.ErrNotFound where no attempt is newer
// than the given one.
func (t Tasks) replay(ctx context.Context, i projection.Import, attempt int) (env contracts.Envelope, payload contracts.Payload, at time.Time, err error) {
	newest, _, _, err := t.last(ctx, i)
	if err != nil {
		return env, nil, at, err
	}
	if newest.Attempt <= attempt {
		return env, nil, at, broker.ErrNotFound
	}
	return t.beginning(ctx, i, newest.Attempt)
}

// beginning reads the replay that began an attempt. The attempt may have ended behind
// it; there are a few commands of each.
func (t Tasks) beginning(ctx context.Context, i projection.Import, attempt int) (env contracts.Envelope, payload contracts.Payload, at time.Time, err error) {
	names := t.Broker.Names()
	for after := uint64(0); ; {
		stored, err := t.Broker.Next(ctx, names.ImportsStream(), names.Control(i.Kind, i.ID), after)
		if err != nil {
			return env, nil, at, err
		}
		env, payload, err := contracts.Decode(stored.Data)
		if err != nil {
			return env, nil, at, err
		}
		if _, ok := payload.(*contracts.ReplayRequested); ok && env.Attempt == attempt {
			return env, payload, stored.Time, nil
		}
		after = stored.Sequence
	}
}

// request reads the request of an import from the stream, and when it was stored.
func (t Tasks) request(ctx context.Context, id string) (env contracts.Envelope, payload contracts.Payload, at time.Time, err error) {
	env, payload, at, err = t.inStream(ctx, t.Broker.Names().AnyRequest(id))
	if _, known := contracts.PipelineOf(env.Kind); err == nil && !known {
		err = broker.ErrNotFound
	}
	return env, payload, at, err
}
