package tasks

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/paging"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// attributes are those of an import. The last three have the names and meaning
// that clients of the old importers know.
type attributes struct {
	Kind       contracts.Kind       `json:"kind"`
	State      contracts.State      `json:"state"`
	Message    string               `json:"message"`
	Stage      *contracts.Stage     `json:"stage"`
	Attempt    int                  `json:"attempt"`
	Version    int64                `json:"version"`
	Owner      contracts.Owner      `json:"owner"`
	FileName   *string              `json:"file-name"`
	Size       int64                `json:"size"`
	SHA256     *string              `json:"sha256"`
	EventID    *string              `json:"event-id"`
	CreatedAt  time.Time            `json:"created-at"`
	StartedAt  *time.Time           `json:"started-at"`
	FinishedAt *time.Time           `json:"finished-at"`
	Result     any                  `json:"result"`
	Error      *contracts.TaskError `json:"error"`

	Task         string           `json:"task"`
	StartsAt     *time.Time       `json:"starts-at"`
	ResultStatus *contracts.State `json:"result-status"`
}

// Imports lists the imports of who asks, or all for administrators, the newest
// first, narrowed by the filters of the request.
func (t Tasks) Imports(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	page, err := jsonapi.ReadPage(r)
	if err != nil {
		return err
	}
	rows, total, err := t.List(r.Context(), r.URL.Query(), page, who)
	if err != nil {
		return err
	}
	resources := make([]jsonapi.Resource, len(rows))
	for n, row := range rows {
		resources[n] = resourceOf(row)
	}
	return jsonapi.Write(w, r, jsonapi.ContentType, jsonapi.List(resources, page, r.URL, total))
}

// List returns a page of what Imports lists, narrowed by the filters of a query, and how
// many imports all pages have together. Pages show it.
func (t Tasks) List(ctx context.Context, asked url.Values, page paging.Page, who auth.Identity) ([]projection.Import, int, error) {
	narrow, err := readImportFilters(asked)
	if err != nil {
		return nil, 0, err
	}
	var rows []projection.Import
	total, err := t.newest(&rows, who).Apply(narrow).
		Limit(int64(page.Size)).Offset(int64(page.Offset())).ScanAndCount(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("imports: %w", err)
	}
	return rows, int(total), nil
}

// Newest returns the newest imports of who asks, or of all for administrators,
// for a page.
func (t Tasks) Newest(ctx context.Context, who auth.Identity, limit int) ([]projection.Import, error) {
	var rows []projection.Import
	if err := t.newest(&rows, who).Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("newest imports: %w", err)
	}
	return rows, nil
}

// newest selects the imports that who may see.
func (t Tasks) newest(rows *[]projection.Import, who auth.Identity) *bun.SelectQuery {
	return t.visible(who).Model(rows).Order("created_at DESC", "id DESC")
}

// visible selects from the imports that who may see.
func (t Tasks) visible(who auth.Identity) *bun.SelectQuery {
	query := t.DB.NewSelect()
	if !who.Admin {
		query.Where("owner_iss = ? AND owner_sub = ?", who.Issuer, who.Subject)
	}
	return query
}

// Import answers with one import.
func (t Tasks) Import(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	i, err := t.Find(r.Context(), r.PathValue("id"), who)
	if err != nil {
		return err
	}
	return jsonapi.Write(w, r, jsonapi.ContentType, jsonapi.Document{Data: resourceOf(i)})
}

func resourceOf(i projection.Import) jsonapi.Resource {
	task := i.Task()
	a := attributes{
		Kind:       i.Kind,
		State:      i.State,
		Message:    task.Message,
		Stage:      known(i.Stage),
		Attempt:    i.Attempt,
		Version:    i.Version,
		Owner:      i.Owner(),
		FileName:   known(i.FileName),
		Size:       i.Size,
		SHA256:     known(i.SHA256),
		CreatedAt:  i.CreatedAt.UTC(),
		StartedAt:  task.StartedAt,
		FinishedAt: task.FinishedAt,
		Result:     task.Result,
		Error:      task.Error,
		Task:       "/v1/tasks/" + i.ID,
		StartsAt:   task.StartedAt,
	}
	if i.EventID != nil {
		a.EventID = known(strconv.FormatInt(*i.EventID, 10))
	}
	if i.State.Final() {
		a.ResultStatus = &i.State
	}
	return jsonapi.Resource{
		Type:       "import",
		ID:         i.ID,
		Attributes: a,
		Links:      &jsonapi.ResourceLinks{Self: "/v1/imports/" + i.ID},
	}
}

// known is nil for an empty text.
func known[T ~string](s T) *T {
	if s == "" {
		return nil
	}
	return &s
}
