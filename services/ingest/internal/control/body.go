package control

import (
	"errors"
	"io"
	"net/http"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/begin"
	"github.com/usher-events/usher/pkg/problem"
)

// maxBody is how many bytes a request may have; it is two short members.
const maxBody = 4 << 10

// wanted is how a client wants an import to be replayed.
type wanted struct {
	// From is the stage to begin with, empty where that is left to us.
	From contracts.Stage `json:"from"`
	// Force makes an import anew that has succeeded.
	Force bool `json:"force"`
}

// wantedOf reads what the client wants. A misspelt member is refused: whoever
// names a stage must not find out later that another one ran.
func wantedOf(w http.ResponseWriter, r *http.Request) (wanted, error) {
	var sent wanted
	err := begin.ReadBody(w, r, maxBody, &sent)
	if err == nil || errors.Is(err, io.EOF) { // nothing need be sent
		return sent, nil
	}
	return wanted{}, problem.New(http.StatusBadRequest, "bad_body",
		`The body is empty, or a JSON object: its member "from" names a stage, its member "force" is true or false.`).Because(err)
}
