package tasks

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// Grouping is what the issues of a group have in common.
type Grouping string

// The ways to group issues.
const (
	ByCode Grouping = "code"
	ByFile Grouping = "file"
)

// IssueGroup is issues that have a code, or a file, in common. Total is how many they
// are; Issues are the first of them.
type IssueGroup struct {
	Common string
	Total  int
	Issues []contracts.Issue
}

// IssueGroups returns the issues of an import in groups, that of the worst one first and
// in each the worst first: so many of a group, and so many in all. A severity narrows
// them, an empty one does not.
func (t Tasks) IssueGroups(
	ctx context.Context, i projection.Import, by Grouping, severity contracts.Severity, ofGroup, inAll int,
) ([]IssueGroup, error) {
	var rows []struct {
		issue
		Common string
		Total  int
	}
	ranked := t.DB.NewSelect().TableExpr("(?) AS issue", t.found(i.Kind, i.ID)).ColumnExpr("*").ColumnExpr("? AS common", bun.Ident(by)).
		ColumnExpr("row_number() OVER (ORDER BY " + worstFirst + ") AS place").Where("attempt = newest")
	filter(ranked, "severity", string(severity))
	grouped := t.DB.NewSelect().TableExpr("(?) AS ranked", ranked).ColumnExpr("*").
		ColumnExpr("count(*) OVER (PARTITION BY common) AS total").
		ColumnExpr("min(place) OVER (PARTITION BY common) AS first").
		ColumnExpr("row_number() OVER (PARTITION BY common ORDER BY place) AS nth")
	err := t.DB.NewSelect().TableExpr("(?) AS grouped", grouped).
		Column("common", "total", "severity", "code", "file", "pointer", "line", "col", "source_id", "record_index", "message", "value", "hint").
		Where("nth <= ?", ofGroup).Order("first", "nth").Limit(int64(inAll)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("issues of import %s in groups: %w", i.ID, err)
	}
	var groups []IssueGroup
	for _, row := range rows {
		if n := len(groups); n == 0 || groups[n-1].Common != row.Common {
			groups = append(groups, IssueGroup{Common: row.Common, Total: row.Total})
		}
		g := &groups[len(groups)-1]
		g.Issues = append(g.Issues, contracts.Issue(row.issue))
	}
	return groups, nil
}
