package tasks

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// remapViews are those that say which id of the input became which id of ours.
// Media files and links have no id in the input.
var remapViews = []string{"event.api_remap", "people.api_remap", "schedule.api_remap"}

// remap is one entry of the list.
type remap struct {
	Type     contracts.EntityType `bun:"type" json:"type"`
	SourceID string               `bun:"source_id" json:"source_id"`
	ID       int64                `bun:"id" json:"id,string"`
}

// Remaps lists what the ids of the input became.
func (t Tasks) Remaps(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	page, err := jsonapi.ReadPage(r)
	if err != nil {
		return err
	}
	entity := contracts.EntityType(r.URL.Query().Get("filter[type]"))
	if entity != "" && !slices.Contains(contracts.EntityTypes(), entity) {
		return problem.New(http.StatusBadRequest, "bad_filter", "filter[type] is not an entity type such as sessions.")
	}
	i, err := t.Find(r.Context(), r.PathValue("id"), who)
	if err != nil {
		return err
	}
	rows := []remap{}
	query := t.DB.NewSelect().Model(&rows).ModelTableExpr("(?) AS remap", t.remaps(i.ID))
	filter(query, "type", string(entity))
	total, err := query.OrderExpr("array_position(ARRAY[?], type)", bun.List(contracts.EntityTypes())).Order("id").
		Limit(int64(page.Size)).Offset(int64(page.Offset())).ScanAndCount(r.Context())
	if err != nil {
		return fmt.Errorf("remaps of import %s: %w", i.ID, err)
	}
	return jsonapi.Write(w, r, plain, jsonapi.List(rows, page, r.URL, int(total)))
}

func (t Tasks) remaps(id string) *bun.SelectQuery {
	var all *bun.SelectQuery
	for _, view := range remapViews {
		query := t.DB.NewSelect().TableExpr("?", bun.Ident(view)).
			Column("type", "source_id", "id").Where("import_id = ?", id)
		if all == nil {
			all = query
		} else {
			all.UnionAll(query)
		}
	}
	return all
}
