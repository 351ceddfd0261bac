package upload

import (
	"maps"
	"net/http"
	"slices"

	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/problem"
)

// received is a file that lies in the bucket.
type received struct {
	bucket.Stored
	key, name string
	// columns is what the form says of the columns of a list.
	columns map[string]string
}

// typeOf is as what the request uploads its file.
func (u *Receiver) typeOf(r *http.Request) (sourceType, error) {
	sent, known := u.types[r.PathValue("source_type")]
	if !known {
		return sent, problem.New(http.StatusNotFound, "unknown_source_type", "There is no such source type to import from.").
			With("known", slices.Sorted(maps.Keys(u.types)))
	}
	return sent, nil
}

// store takes the file of a request straight into the bucket. Where it returns an error,
// which is the answer, it has stored nothing.
func (u *Receiver) store(w http.ResponseWriter, r *http.Request, sent sourceType, key string) (received, error) {
	body := u.limited(w, r)
	file, err := u.findFile(r, body, sent)
	if err != nil {
		return received{}, refusal(w, err)
	}
	columns, err := mappingOf(file.mapping)
	if err != nil {
		return received{}, err
	}
	stored, err := u.Bucket.Store(r.Context(), key, file.limited(u.maxBytes), sent.mediaType)
	if err != nil {
		return received{}, refusal(w, err)
	}
	if body.done() {
		w.Header().Del("Connection") // see Lingering
	}
	return received{Stored: stored, key: key, name: file.name, columns: columns}, nil
}
