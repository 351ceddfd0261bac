package sweep

import (
	"context"
	"errors"
	"fmt"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
)

// request is what the stream has of the request of an import.
type request struct {
	// gone tells that there is none any more, without which nobody can replay the
	// import.
	gone bool
	// blob is the upload, empty where the request cannot be read: then it may be
	// any.
	blob string
}

// uses tells whether a blob may be the upload.
func (q request) uses(blob string) bool { return !q.gone && (q.blob == "" || q.blob == blob) }

// requested reads the request of an import.
func (r *round) requested(ctx context.Context, id string) (request, error) {
	names := r.broker.Names()
	stored, err := r.broker.Last(ctx, names.ImportsStream(), names.AnyRequest(id))
	if errors.Is(err, broker.ErrNotFound) {
		return request{gone: true}, nil
	}
	if err != nil {
		return request{}, err
	}
	blob, err := uploadOf(stored.Data)
	if err != nil && !r.unreadable[id] {
		r.unreadable[id] = true
		r.log.ErrorContext(ctx, "request cannot be read, its upload stays", "import", id, "error", err)
	}
	return request{blob: blob}, nil
}

// none stands for the upload of an import that has none; no key is like it.
const none = "-"

func uploadOf(message []byte) (string, error) {
	_, payload, err := contracts.Decode(message)
	if err != nil {
		return "", err
	}
	switch m := payload.(type) {
	case *contracts.ImportRequested:
		return m.Blob, nil
	case *contracts.ExportRequested: // of which nothing is uploaded; what lies below its id is nobody's
		return none, nil
	}
	return "", fmt.Errorf("it is a %s", payload.MessageType())
}
