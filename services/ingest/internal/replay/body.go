package replay

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/problem"
)

// maxBody is how many bytes a request may have; it is one short word.
const maxBody = 4 << 10

// wantedOf reads the stage that the client wants to begin with, empty where it
// leaves that to us. A misspelt member is refused: whoever names a stage must
// not find out later that another one ran.
func wantedOf(w http.ResponseWriter, r *http.Request) (contracts.Stage, error) {
	var body struct {
		From contracts.Stage `json:"from"`
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&body)
	if errors.Is(err, io.EOF) { // nothing was sent
		return "", nil
	}
	if err == nil {
		if _, err = decoder.Token(); errors.Is(err, io.EOF) {
			return body.From, nil
		}
	}
	return "", problem.New(http.StatusBadRequest, "bad_body",
		`The body is empty, or a JSON object whose only member "from" names a stage.`).Because(err)
}
