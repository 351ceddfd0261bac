package tasks

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
	"github.com/usher-events/usher/services/query/internal/projection"
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
	document, found, err := t.FindPreview(r.Context(), i)
	switch {
	case err != nil:
		return err
	case !found && !i.State.Final():
		w.Header().Set("Retry-After", "1")
		return problem.New(http.StatusConflict, "check_running", "The check has not ended yet.")
	case !found:
		return problem.New(http.StatusNotFound, "preview_missing", "The check has ended without a preview, more than a day ago, or was taken back.")
	}
	return jsonapi.Write(w, r, plain, json.RawMessage(document))
}

// FindPreview returns the preview of the check of a list, as the people service has
// stored it, and false where there is none.
func (t Tasks) FindPreview(ctx context.Context, i projection.Import) (document string, found bool, err error) {
	err = t.DB.NewRaw("SELECT document FROM people.api_previews WHERE import_id = ?", i.ID).Scan(ctx, &document)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("preview of %s: %w", i.ID, err)
	}
	return document, true, nil
}
