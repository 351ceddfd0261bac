package begin

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

var errMore = errors.New("there is more behind the object")

// ReadBody reads the body of a request, of at most so many bytes, into a struct; io.EOF where
// nothing was sent. A misspelt member is an error: whoever wants something must not
// find out later that nobody has listened.
func ReadBody(w http.ResponseWriter, r *http.Request, limit int64, into any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, limit))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.Join(errMore, err)
	}
	return nil
}
