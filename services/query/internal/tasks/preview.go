package tasks

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// Preview shows what a check of a list has found the list to become: its columns, its
// first rows and what would change of accounts.
func (t Tasks) Preview(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	i, err := t.Find(r.Context(), r.PathValue("id"), who)
	if err != nil {
		return err
	}
	if i.Kind != contracts.ListCheck {
		return problem.New(http.StatusNotFound, "preview_missing", "Only the check of a list of users has a preview.")
	}
	var document string
	err = t.DB.NewRaw("SELECT document FROM people.api_previews WHERE import_id = ?", i.ID).Scan(r.Context(), &document)
	switch {
	case errors.Is(err, sql.ErrNoRows) && !i.State.Final():
		w.Header().Set("Retry-After", "1")
		return problem.New(http.StatusConflict, "check_running", "The check has not ended yet.")
	case errors.Is(err, sql.ErrNoRows):
		return problem.New(http.StatusNotFound, "preview_missing", "The check has ended without a preview, more than a day ago, or was taken back.")
	case err != nil:
		return fmt.Errorf("preview of %s: %w", i.ID, err)
	}
	return jsonapi.Write(w, r, plain, json.RawMessage(document))
}
