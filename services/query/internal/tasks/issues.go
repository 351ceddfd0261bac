package tasks

import (
	"context"
	"fmt"
	"net/http"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// issue is contracts.Issue with the columns that it is read from.
type issue struct {
	Severity    contracts.Severity
	Code        string
	File        string
	Pointer     string
	Line        int
	Column      int    `bun:"col"`
	SourceID    string `bun:"source_id"`
	RecordIndex *int
	Message     string
	Value       string
	Hint        string
}

// worstFirst is the order of issues: what fails an import before what does not,
// and the same in the order of the pipeline.
const worstFirst = `array_position(ARRAY['error', 'warning', 'info'], severity), position, n`

// Issues lists what the stages of an import found, the errors first. Of each
// stage the newest attempt counts. As a table it is all of them, else a page.
func (t Tasks) Issues(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	asTable, err := wantsTable(r)
	if err != nil {
		return err
	}
	page, err := jsonapi.ReadPage(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	severity := contracts.Severity(q.Get("filter[severity]"))
	switch severity {
	case "", contracts.Error, contracts.Warning, contracts.Info:
	default:
		return problem.New(http.StatusBadRequest, "bad_filter", "filter[severity] is error, warning or info.")
	}
	for _, name := range []string{"filter[code]", "filter[file]"} {
		if !postgres.Storable(q.Get(name)) {
			return problem.New(http.StatusBadRequest, "bad_filter", name+" has a character that no issue has.")
		}
	}
	i, err := t.Find(r.Context(), r.PathValue("id"), who)
	if err != nil {
		return err
	}
	narrow := func(query *bun.SelectQuery) {
		filter(query, "severity", string(severity))
		filter(query, "code", q.Get("filter[code]"))
		filter(query, "file", q.Get("filter[file]"))
	}
	if asTable {
		return t.writeTable(w, r, i, narrow)
	}
	issues, total, err := t.issues(r.Context(), i, func(query *bun.SelectQuery) {
		narrow(query)
		query.Limit(int64(page.Size)).Offset(int64(page.Offset()))
	})
	if err != nil {
		return err
	}
	document := jsonapi.List(issues, page, r.URL, total)
	document.Meta.Counts = i.Issues() // of all, also of those that were too many to keep
	return jsonapi.Write(w, r, plain, document)
}

// issues reads those issues of an import that narrow leaves, and counts them
// without its limit.
func (t Tasks) issues(ctx context.Context, i projection.Import, narrow func(*bun.SelectQuery)) ([]contracts.Issue, int, error) {
	var rows []issue
	query := t.DB.NewSelect().Model(&rows).ModelTableExpr("(?) AS issue", t.found(i.Kind, i.ID)).
		Where("attempt = newest").OrderExpr(worstFirst)
	narrow(query)
	total, err := query.ScanAndCount(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("issues of import %s: %w", i.ID, err)
	}
	issues := make([]contracts.Issue, len(rows))
	for n, row := range rows {
		issues[n] = contracts.Issue(row)
	}
	return issues, int(total), nil
}

// found is the union of the issues of every stage that reports what it found.
func (t Tasks) found(kind contracts.Kind, id string) *bun.SelectQuery {
	var all *bun.SelectQuery
	pipeline, _ := contracts.PipelineOf(kind)
	for _, s := range pipeline.Stages {
		if contracts.CompletionOf(s, contracts.Completed{}) == nil {
			continue
		}
		query := t.DB.NewSelect().TableExpr("?.api_issues", bun.Ident(s)).
			ColumnExpr("*, ?::int AS position, max(attempt) OVER () AS newest", pipeline.Position(s)).
			Where("import_id = ? AND stage = ?", id, s)
		if all == nil {
			all = query
		} else {
			all.UnionAll(query)
		}
	}
	return all
}

// filter narrows a query to rows with a value; an empty one stands for any.
func filter(query *bun.SelectQuery, column, value string) {
	if value != "" {
		query.Where("? = ?", bun.Ident(column), value)
	}
}
