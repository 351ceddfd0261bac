// Package start imports the archive or the list of a check that has succeeded: those
// very bytes, with the options that the check was asked with, but for the columns of a
// list, which may be told anew. A list can also be checked again with other columns,
// whatever the check before came to. As a replay it has no memory and no database: where
// a check stands is what its messages say, and the id of what becomes of it follows from
// its own, so that the broker, which keeps one request per import, is the memory of what
// was started.
package start

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/begin"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/ingest/internal/announce"
	"github.com/usher-events/usher/services/ingest/internal/earlier"
)

// lookPatience is how long a request waits for what the broker says of a check.
const lookPatience = 15 * time.Second

// Starter answers POST /v1/imports/{id}/start. It is safe for concurrent use.
type Starter struct {
	announce.Deps
	patience time.Duration
	// hint is how long the memory of earlier imports is waited for.
	hint time.Duration
}

// New returns a starter.
func New(deps announce.Deps) *Starter {
	return &Starter{Deps: deps, patience: begin.Patience, hint: earlier.Patience}
}

func (s *Starter) announcer() announce.Announcer {
	return announce.Announcer{Deps: s.Deps, Patience: s.patience}
}

// Start begins the import of what was checked, or another check of it, or tells of the
// one that was begun before. When it answers 202 that import is a fact of the broker and has a file of
// its own; when it answers anything else it has left nothing, but for one case:
// where the broker gave no clear answer the file stays, for the message may have
// arrived after all.
func (s *Starter) Start(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	from := begin.OriginOf(r)
	w.Header().Set(problem.RequestIDHeader, from.Correlation)

	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil || id.String() != r.PathValue("id") {
		return errUnknown
	}
	wanted, err := wantedOf(w, r)
	if err != nil {
		return err
	}
	check, kept, err := s.look(r.Context(), id.String(), wanted, who)
	if err != nil {
		return refusal(w, err)
	}
	again := kept.ImportRequested != nil
	if !again {
		request := s.request(check, wanted, from)
		// Large archives take their time, for which the client has to stay.
		if err := s.Bucket.Copy(r.Context(), check.Blob, request.Blob); err != nil {
			if kept, err = s.first(r.Context(), check, wanted, err); err != nil {
				return refusal(w, err)
			}
			return s.accept(w, r, wanted, check, kept, who, true)
		}
		// From here on it is free to go: the file is there.
		ctx := context.WithoutCancel(r.Context())
		hints := earlier.Imports{Uploads: s.Uploads, Log: s.Log, Patience: s.hint}
		request.EarlierImport = hints.Of(ctx, request.Envelope, request.SHA256)
		announcer := s.announcer()
		first, failed := announcer.Announce(ctx, request)
		if failed != nil {
			return announcer.Refuse(ctx, w, request.Blob, failed)
		}
		if again = !first.Is(request); again {
			if err := s.Bucket.Delete(ctx, request.Blob); err != nil {
				s.Log.WarnContext(ctx, "file of a repeated start not removed", "import", request.Import, "blob", request.Blob, "error", err)
			}
			if err := s.discarded(ctx, first); err != nil { // since it was looked for
				return refusal(w, err)
			}
		} else if !request.Kind.Check() {
			hints.Remember(ctx, request.Envelope, request.SHA256)
		}
		kept = first
	}
	return s.accept(w, r, wanted, check, kept, who, again)
}

// accept answers for the import that the broker keeps. The list of the check is not
// needed from then on: it holds passwords, and what has become of it has one of its own.
func (s *Starter) accept(w http.ResponseWriter, r *http.Request, wanted wanted, check, kept announce.Request, who auth.Identity, again bool) error {
	if check.Kind.List() {
		if err := s.Bucket.Delete(context.WithoutCancel(r.Context()), check.Blob); err != nil { // then it is swept
			s.Log.WarnContext(r.Context(), "list of a check not removed", "import", check.Import, "blob", check.Blob, "error", err)
		}
	}
	if again && wanted.Mapping != nil && !kept.Options.Equal(wanted.of(check.Options)) {
		return errStarted
	}
	s.Log.InfoContext(r.Context(), "start accepted", "import", kept.Import, "check", check.Import, "size", kept.Size, "sha256", kept.SHA256,
		"issuer", who.Issuer, "subject", who.Subject, "request_id", w.Header().Get(problem.RequestIDHeader), "repeated", again)
	announce.Accept(w, kept)
	return nil
}

// first returns the import that another start has begun while this one copied the
// list, which the other has removed then. Where there is none the cause stays.
func (s *Starter) first(ctx context.Context, check announce.Request, wanted wanted, cause error) (announce.Request, error) {
	if !check.Kind.List() || !errors.Is(cause, bucket.ErrNotFound) {
		return announce.Request{}, cause
	}
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	kept, err := s.announcer().Kept(ctx, wanted.id(check))
	if errors.Is(err, broker.ErrNotFound) {
		return kept, cause
	}
	if err != nil {
		return kept, err
	}
	return kept, s.discarded(ctx, kept)
}

// look returns the check and the import that was started of it before, if any.
// The error is a problem where there is nothing to start.
func (s *Starter) look(ctx context.Context, id string, wanted wanted, who auth.Identity) (check, kept announce.Request, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	announcer := s.announcer()
	check, err = announcer.Kept(ctx, id)
	switch {
	case errors.Is(err, broker.ErrNotFound):
		return check, kept, errUnknown
	case err != nil:
		return check, kept, err
	case !who.Admin && !check.Owner.Is(who.Owner()):
		return check, kept, errUnknown
	case check.Kind.List() && !who.Admin: // any more: it makes accounts, as the upload did
		return check, kept, errAdminOnly
	case !check.Kind.Check():
		return check, kept, errNoCheck
	case !check.Kind.List() && (wanted.Mapping != nil || wanted.DryRun):
		return check, kept, errNoColumns
	}
	kept, err = announcer.Kept(ctx, wanted.id(check))
	if err == nil {
		return check, kept, s.discarded(ctx, kept)
	}
	if !errors.Is(err, broker.ErrNotFound) {
		return check, kept, err
	}
	err = s.succeeded(ctx, check)
	if wanted.DryRun && errors.Is(err, errFailed) { // perhaps by its columns
		err = nil
	}
	return check, announce.Request{}, err
}

// discarded refuses where the import that was started has been taken back.
func (s *Starter) discarded(ctx context.Context, kept announce.Request) error {
	ctx, cancel := context.WithTimeout(ctx, lookPatience)
	defer cancel()
	_, last, err := s.command(ctx, kept)
	if _, taken := contracts.TakenBack(last); taken {
		return errDiscarded
	}
	return err
}

// succeeded refuses a check that has not ended well.
func (s *Starter) succeeded(ctx context.Context, check announce.Request) error {
	attempt, last, err := s.command(ctx, check)
	if err != nil {
		return err
	}
	if _, taken := contracts.TakenBack(last); taken {
		return errDiscarded
	}
	m, ended := last.(*contracts.ImportFinished)
	switch {
	case !ended:
		return s.undecided(ctx, check, attempt)
	case m.State != contracts.Success:
		return errFailed
	}
	return nil
}

// undecided tells a check that runs from one of which a stage has failed: everybody
// else knows that it has, before the last stage has ended it.
func (s *Starter) undecided(ctx context.Context, check announce.Request, attempt int) error {
	pipeline, _ := contracts.PipelineOf(check.Kind)
	for _, stage := range pipeline.Stages[1:] {
		_, outcome, err := s.last(ctx, s.Names.AnyOutcome(check.Kind, stage, check.Import, attempt))
		if err != nil {
			return err
		}
		if _, failed := outcome.(*contracts.StageFailed); failed {
			return errFailed
		}
	}
	return errRunning
}

// command reads the last command of an import, nil where there was none yet, and the
// attempt that it belongs to.
func (s *Starter) command(ctx context.Context, of announce.Request) (attempt int, payload contracts.Payload, err error) {
	env, payload, err := s.last(ctx, s.Names.Control(of.Kind, of.Import))
	return max(1, env.Attempt), payload, err
}

// last reads the newest message of a subject, nil where there is none.
func (s *Starter) last(ctx context.Context, subject string) (env contracts.Envelope, payload contracts.Payload, err error) {
	stored, err := s.Last(ctx, s.Names.ImportsStream(), subject)
	if errors.Is(err, broker.ErrNotFound) {
		return env, nil, nil
	}
	if err != nil {
		return env, nil, err
	}
	env, payload, err = contracts.Decode(stored.Data)
	if err != nil {
		return env, nil, fmt.Errorf("last of %s: %w", subject, err)
	}
	return env, payload, nil
}

// kinds are what checks become.
var kinds = map[contracts.Kind]contracts.Kind{
	contracts.EventCheck: contracts.EventArchive,
	contracts.ListCheck:  contracts.UserList,
}

// request is that of the import, which is its owner's whoever starts it.
func (s *Starter) request(check announce.Request, wanted wanted, from begin.Origin) announce.Request {
	id := wanted.id(check)
	return announce.Request{
		Envelope: contracts.Envelope{
			ID:          uuid.NewString(),
			Time:        time.Now().UTC(),
			Source:      string(contracts.IngestService),
			Import:      id,
			Kind:        wanted.kind(check.Kind),
			Attempt:     1,
			Owner:       check.Owner,
			Correlation: from.Correlation,
			TraceParent: from.TraceParent,
			TraceState:  from.TraceState,
		},
		ImportRequested: &contracts.ImportRequested{
			Blob: bucket.ArchiveKey(id, uuid.NewString()), FileName: check.FileName,
			Size: check.Size, SHA256: check.SHA256, Options: wanted.of(check.Options),
		},
	}
}

// startedID is the id of the import that a check becomes.
func startedID(check string) string { return derived("start\x00" + check) }

// derived is the id that follows from a name. No upload has it: the names that ids of
// uploads follow from have other parts.
func derived(name string) string {
	return uuid.NewHash(sha256.New(), uuid.Nil, []byte(name), 8).String()
}
