package start

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/begin"
	"github.com/usher-events/usher/services/ingest/internal/announce"
)

// maxBody is how many bytes a request may have, which is what the mapping of an upload may.
const maxBody = 64 << 10

// wanted is what a client wants otherwise than the check had it.
type wanted struct {
	// Mapping takes the place of the check's; nil leaves that.
	Mapping map[string]string `json:"mapping"`
	// DryRun only checks the list once more.
	DryRun bool `json:"dry_run"`
}

// wantedOf reads what the client wants. A misspelt member is refused: whoever says
// what a column holds must not find out later that nobody has listened.
func wantedOf(w http.ResponseWriter, r *http.Request) (wanted, error) {
	var sent wanted
	err := begin.ReadBody(w, r, maxBody, &sent)
	if err == nil || errors.Is(err, io.EOF) { // nothing need be sent
		return sent, nil
	}
	return wanted{}, errBadBody.Because(err)
}

// id is that of what becomes of a check: one import, whatever it was asked with, and one
// check for each of the mappings that it was checked again with.
func (w wanted) id(check announce.Request) string {
	if !w.DryRun {
		return startedID(check.Import)
	}
	mapping, _ := json.Marshal(w.of(check.Options).Mapping) // texts only; keys are sorted
	return derived("check again\x00" + check.Import + "\x00" + string(mapping))
}

// kind is that of what becomes of a check.
func (w wanted) kind(check contracts.Kind) contracts.Kind {
	if w.DryRun {
		return check
	}
	return kinds[check]
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
