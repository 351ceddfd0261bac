package desk

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/query/internal/dead"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// deadView is one message that nobody could read. Encoded tells that it is no text and
// shown in base64, Cut that there is more of it.
type deadView struct {
	Top topView
	deadLine
	Message, Payload string
	Encoded, Cut     bool
}

// DeadMessage shows administrators a message that nobody could read.
func (d Desk) DeadMessage() service.AuthenticatedFunc {
	return administrators(func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		sequence, err := strconv.ParseUint(r.PathValue("sequence"), 10, 64)
		if err != nil || sequence == 0 {
			return missing(w, jsonapi.NotFound())
		}
		buried, err := d.Dead.Broker.Buried(r.Context(), sequence)
		if errors.Is(err, broker.ErrNotFound) {
			return missing(w, jsonapi.NotFound())
		}
		if err != nil {
			return err
		}
		view := deadView{deadLine: deadLineOf(buried), Message: buried.ID}
		var isText bool
		view.Payload, isText, view.Cut = dead.Shown(buried.Payload)
		view.Encoded = !isText
		if view.Top, err = d.top(r.Context(), who, "/operations"); err != nil {
			return err
		}
		return write(w, http.StatusOK, "deadmessage.html", view)
	})
}
