package announce

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/begin"
)

// accepted is the body of the answer 202.
type accepted struct {
	TaskURL string         `json:"task_url"`
	ID      string         `json:"id"`
	Kind    contracts.Kind `json:"kind"`
	SHA256  string         `json:"sha256"`
	Size    int64          `json:"size"`
	// EarlierImport is as in contracts.ImportRequested.
	EarlierImport string `json:"earlier_import,omitempty"`
}

// Accept says 202. It depends on nothing but the request that the broker keeps,
// so that a repeated one is answered as the first one was.
func Accept(w http.ResponseWriter, kept Request) {
	task := "/v1/tasks/" + kept.Import
	w.Header().Set("Location", task)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusAccepted)
	// A client that is gone by now finds its import in the list.
	_ = json.NewEncoder(w).Encode(accepted{
		TaskURL: task, ID: kept.Import, Kind: kept.Kind, SHA256: kept.SHA256, Size: kept.Size,
		EarlierImport: kept.EarlierImport,
	})
}

// Refuse answers for a file that is stored and an import that is not, and removes
// the file where it is certain that nobody was told of it.
func (a Announcer) Refuse(ctx context.Context, w http.ResponseWriter, blob string, failed *begin.Error) error {
	var cause error = failed
	if !failed.Perhaps() {
		cause = errors.Join(failed, a.Bucket.Delete(ctx, blob))
	}
	return begin.Refusal(w, failed, cause)
}
