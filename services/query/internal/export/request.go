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

// route is what an Idempotency-Key belongs to, with the event behind it.
const route = "POST /v1/events/export/json "

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
// under its Idempotency-Key is answered as the first one was.
func (e Requests) Receive(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	from := begin.OriginOf(r)
	w.Header().Set(problem.RequestIDHeader, from.Correlation)
	owned, err := e.Events.FindOwned(r.Context(), who, r.PathValue("event"))
	if err != nil {
		return err
	}
	wanted, err := wantedOf(w, r)
	if err != nil {
		return err
	}
	key, err := begin.Key(r)
	if err != nil {
		return err
	}
	id, failed := e.Announcer.ImportID(r.Context(), who, route+owned.Event.ID, key)
	if failed != nil {
		return begin.Refusal(w, failed, failed)
	}
	wanted.Of = owned.Import
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
		Payload: &contracts.ExportRequested{Event: owned.Event, FileName: fileName(owned.Event), Export: wanted},
	}
	// What may be stored is waited for, also where who has asked is gone.
	kept, failed := e.Announcer.Announce(context.WithoutCancel(r.Context()), request)
	if failed != nil {
		return begin.Refusal(w, failed, failed)
	}
	first, ok := kept.Payload.(*contracts.ExportRequested)
	if !ok || first.Export != wanted {
		return errKeyReused
	}
	e.Log.InfoContext(r.Context(), "export accepted", "import", kept.Import, "event", owned.Event.ID, "issuer", who.Issuer, "subject", who.Subject,
		"request_id", from.Correlation, "repeated", !kept.Is(request))
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
