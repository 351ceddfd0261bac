package export

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/begin"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/query/internal/api"
)

// maxBody is how many bytes a request may have; it is four short members.
const maxBody = 4 << 10

var (
	errBadBody = problem.New(http.StatusBadRequest, "bad_body",
		`The body is empty, or a JSON object: its members "image", "video", "audio" and "document" are true or false.`)
	errBadDialect = problem.New(http.StatusBadRequest, "bad_parameter",
		`The parameter "dialect" is "a" or "b".`)
	errKeyReused = problem.New(http.StatusConflict, "idempotency_key_reused",
		"This Idempotency-Key belongs to an export that was asked for in another way.")
)

// Requests answers POST /v1/events/{event}/export/json. It is safe for concurrent use.
type Requests struct {
	Events    api.API
	Announcer begin.Announcer
	Log       *slog.Logger
}

// accepted is the body of the answer 202.
type accepted struct {
	TaskURL string         `json:"task_url"`
	ID      string         `json:"id"`
	Kind    contracts.Kind `json:"kind"`
}

// Receive takes the request of an export. When it answers 202 the export is a fact of the
// broker; a form of a page is led to the export's own page instead. One that is sent again
// under its Idempotency-Key is answered as the first one was, whatever has become of the event.
func (q Requests) Receive(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	from := begin.OriginOf(r)
	w.Header().Set(problem.RequestIDHeader, from.Correlation)
	key, badKey := begin.Key(r)
	id, failed := q.Announcer.ImportID(r.Context(), who, begin.ExportRoute(r.PathValue("event")), key)
	if failed != nil {
		return begin.Refusal(w, failed, failed)
	}
	first, again := q.first(r.Context(), id, key)
	var owned api.Owned
	if !again {
		var err error
		if owned, err = q.Events.FindOwned(r.Context(), who, r.PathValue("event")); err != nil {
			return err
		}
	}
	wanted, err := wantedOf(w, r)
	switch {
	case err != nil:
		return err
	case badKey != nil:
		return badKey
	case again:
		return q.answer(w, r, who, first, wanted, true)
	}
	of := wanted
	of.Of, of.AsAdministrator = owned.Import, !owned.Theirs
	owned.Event.Name = contracts.EventName(owned.Event.Name)
	request := begin.Request{
		Envelope: contracts.Envelope{
			ID:          uuid.NewString(),
			Time:        time.Now().UTC(),
			Source:      string(contracts.QueryService),
			Import:      id,
			Kind:        contracts.EventExport,
			Attempt:     1,
			Owner:       who.Owner(),
			Correlation: from.Correlation,
			TraceParent: from.TraceParent,
			TraceState:  from.TraceState,
		},
		Payload: &contracts.ExportRequested{Event: owned.Event, FileName: fileName(owned.Event), Export: of},
	}
	// What may be stored is waited for, also where who has asked is gone.
	kept, failed := q.Announcer.Announce(context.WithoutCancel(r.Context()), request)
	if failed != nil {
		return begin.Refusal(w, failed, failed)
	}
	return q.answer(w, r, who, kept, wanted, !kept.Is(request))
}

// first is the export that a key has begun, if it has. Where the broker does not say, who
// announces it asks again.
func (q Requests) first(ctx context.Context, id, key string) (begin.Request, bool) {
	if key == "" {
		return begin.Request{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, begin.TryTimeout)
	defer cancel()
	kept, err := q.Announcer.Kept(ctx, id)
	return kept, err == nil
}

// answer tells of the export that the broker keeps where one was wanted.
func (q Requests) answer(w http.ResponseWriter, r *http.Request, who auth.Identity, kept begin.Request, wanted contracts.Export, repeated bool) error {
	first, ok := kept.Payload.(*contracts.ExportRequested)
	if !ok {
		return errKeyReused
	}
	// What was asked for is compared, and not what it has come to.
	wanted.Of, wanted.AsAdministrator = first.Of, first.AsAdministrator
	if first.Export != wanted {
		return errKeyReused
	}
	q.Log.InfoContext(r.Context(), "export accepted", "import", kept.Import, "event", first.Event.ID, "issuer", who.Issuer, "subject", who.Subject,
		"request_id", w.Header().Get(problem.RequestIDHeader), "repeated", repeated)
	w.Header().Set("Cache-Control", "no-store")
	if strings.HasPrefix(r.Header.Get("Accept"), "text/html") { // as browsers send a form
		w.Header().Set("Location", "/imports/"+kept.Import)
		w.WriteHeader(http.StatusSeeOther)
		return nil
	}
	task := "/v1/tasks/" + kept.Import
	w.Header().Set("Location", task)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_ = json.NewEncoder(w).Encode(accepted{TaskURL: task, ID: kept.Import, Kind: kept.Kind}) // who is gone by now finds it in the list
	return nil
}

// wantedOf reads how the archive is to be. Without a body it holds all media; with one,
// those that are named, as the server has it that the format comes from.
func wantedOf(w http.ResponseWriter, r *http.Request) (contracts.Export, error) {
	dialect, ok := openevent.ParseDialect(r.URL.Query().Get("dialect"))
	if !ok {
		return contracts.Export{}, errBadDialect
	}
	var sent struct {
		Image    bool `json:"image"`
		Video    bool `json:"video"`
		Audio    bool `json:"audio"`
		Document bool `json:"document"`
	}
	err := begin.ReadBody(w, r, maxBody, &sent)
	switch {
	case errors.Is(err, io.EOF):
		sent.Image, sent.Video, sent.Audio, sent.Document = true, true, true, true
	case err != nil:
		return contracts.Export{}, errBadBody.Because(err)
	}
	return contracts.Export{
		Dialect: string(dialect), Image: sent.Image, Video: sent.Video, Audio: sent.Audio, Document: sent.Document,
	}, nil
}

// maxStem is how many bytes of an event's name its archive is called by. A folder takes
// 255 for a name, the identifier among them, and some more while it is being written.
const maxStem = 100

// fileName is what the archive of an event is called: letters and digits of its name, and
// its identifier.
func fileName(e contracts.EventFacts) string {
	words := strings.FieldsFunc(strings.ToLower(e.Name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	stem := strings.Join(words, "-")
	if len(stem) > maxStem {
		stem = strings.ToValidUTF8(stem[:maxStem], "")
	}
	return strings.TrimPrefix(stem+"-"+e.Identifier+".zip", "-")
}
