// Package dead shows administrators the messages that nobody could decode, and
// removes those that they have done with.
package dead

import (
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// maxPayload is how many bytes of a payload are shown.
const maxPayload = 64 << 10

// Letters are the messages of the stream DEAD.
type Letters struct {
	Broker *broker.Broker
	Log    *slog.Logger
}

// attributes are those of one message. All but the last three are of each in a list.
type attributes struct {
	// BuriedAt is when it was given up.
	BuriedAt time.Time `json:"buried-at"`
	Reason   string    `json:"reason"`
	Consumer string    `json:"consumer"`
	// Subject and Message are the subject and the id that it had.
	Subject string `json:"subject"`
	Message string `json:"message-id"`
	Size    int64  `json:"size"`

	// Payload is a text, or Base64 where it is none; cut where Cut says so.
	Payload *string `json:"payload,omitempty"`
	Base64  *string `json:"payload-base64,omitempty"`
	Cut     *bool   `json:"payload-cut,omitempty"`
}

// List lists them, the newest first.
func (l Letters) List(w http.ResponseWriter, r *http.Request, _ auth.Identity) error {
	page, err := jsonapi.ReadPage(r)
	if err != nil {
		return err
	}
	buried, total, err := l.Broker.ListBuried(r.Context(), page.Offset(), page.Size)
	if err != nil {
		return err
	}
	resources := make([]jsonapi.Resource, len(buried))
	for n, b := range buried {
		resources[n] = resource(b)
	}
	return jsonapi.Write(w, r, jsonapi.ContentType, jsonapi.List(resources, page, r.URL, total))
}

// Show answers with one of them and its payload.
func (l Letters) Show(w http.ResponseWriter, r *http.Request, _ auth.Identity) error {
	sequence, err := sequenceOf(r)
	if err != nil {
		return err
	}
	b, err := l.Broker.Buried(r.Context(), sequence)
	if err != nil {
		return refusal(err)
	}
	return jsonapi.Write(w, r, jsonapi.ContentType, jsonapi.Document{Data: resource(b)})
}

// Discard removes one of them.
func (l Letters) Discard(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	sequence, err := sequenceOf(r)
	if err != nil {
		return err
	}
	if err := l.Broker.DiscardBuried(r.Context(), sequence); err != nil {
		return refusal(err)
	}
	l.Log.InfoContext(r.Context(), "buried message discarded", "sequence", sequence, "issuer", who.Issuer, "subject", who.Subject)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// sequenceOf reads a sequence in the one form that it is written in.
func sequenceOf(r *http.Request) (uint64, error) {
	text := r.PathValue("sequence")
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n == 0 || strconv.FormatUint(n, 10) != text {
		return 0, jsonapi.NotFound()
	}
	return n, nil
}

func refusal(err error) error {
	if errors.Is(err, broker.ErrNotFound) {
		return jsonapi.NotFound()
	}
	return err
}

func resource(b broker.Buried) jsonapi.Resource {
	a := attributes{
		BuriedAt: b.Time.UTC(), Reason: b.Reason, Consumer: b.Consumer, Subject: b.Subject, Message: b.ID, Size: b.Size,
	}
	if b.Payload != nil {
		a.show(b.Payload)
	}
	sequence := strconv.FormatUint(b.Sequence, 10)
	return jsonapi.Resource{
		Type: "dead", ID: sequence, Attributes: a, Links: &jsonapi.ResourceLinks{Self: "/v1/dead/" + sequence},
	}
}

// show shows as much of a payload as is allowed.
func (a *attributes) show(payload []byte) {
	shown, isText, cut := Shown(payload)
	a.Cut = &cut
	if isText {
		a.Payload = &shown
	} else {
		a.Base64 = &shown
	}
}

// Shown is as much of a payload as is shown: a text as such, whole characters of it,
// and anything else in base64. It tells whether it is a text, and whether it was cut.
func Shown(payload []byte) (shown string, isText, cut bool) {
	end := min(len(payload), maxPayload)
	cut = len(payload) > maxPayload
	if !utf8.Valid(payload) {
		return base64.StdEncoding.EncodeToString(payload[:end]), false, cut
	}
	for cut && !utf8.RuneStart(payload[end]) {
		end--
	}
	return string(payload[:end]), true, cut
}
