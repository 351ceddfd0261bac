package start

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"

	"github.com/usher-events/usher/contracts"
)

// maxBody is how many bytes a request may have, which is what the mapping of an upload may.
const maxBody = 64 << 10

// wanted is what a client wants otherwise than the check had it.
type wanted struct {
	// Mapping takes the place of the check's; nil leaves that.
	Mapping map[string]string `json:"mapping"`
}

// wantedOf reads what the client wants. A misspelt member is refused: whoever says
// what a column holds must not find out later that nobody has listened.
func wantedOf(w http.ResponseWriter, r *http.Request) (wanted, error) {
	var body wanted
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&body)
	if errors.Is(err, io.EOF) { // nothing was sent
		return wanted{}, nil
	}
	if err == nil {
		if _, err = decoder.Token(); errors.Is(err, io.EOF) {
			return body, nil
		}
	}
	return wanted{}, errBadBody.Because(err)
}

// of returns the options of the import.
func (w wanted) of(check contracts.Options) contracts.Options {
	if w.Mapping == nil {
		return check
	}
	check.Mapping = nil
	if len(w.Mapping) > 0 {
		check.Mapping = maps.Clone(w.Mapping)
	}
	return check
}
