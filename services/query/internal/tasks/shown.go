package tasks

import (
	"context"
	"fmt"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// Find returns an import that who may see, or the problem that there is none. It
// is for pages, which show what the other routes answer.
func (t Tasks) Find(ctx context.Context, id string, who auth.Identity) (projection.Import, error) {
	return t.find(ctx, id, who)
}

// Newest returns the newest imports of who asks, or of all for administrators.
func (t Tasks) Newest(ctx context.Context, who auth.Identity, limit int) ([]projection.Import, error) {
	var rows []projection.Import
	query := t.DB.NewSelect().Model(&rows)
	if !who.Admin {
		query.Where("owner_iss = ? AND owner_sub = ?", who.Issuer, who.Subject)
	}
	if err := query.Order("created_at DESC", "id DESC").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("newest imports: %w", err)
	}
	return rows, nil
}

// FirstIssues returns the first issues of an import, in the order of Issues, and
// how many there are.
func (t Tasks) FirstIssues(ctx context.Context, i projection.Import, limit int) ([]contracts.Issue, int, error) {
	var rows []issue
	total, err := t.DB.NewSelect().Model(&rows).ModelTableExpr("(?) AS issue", t.found(i.Kind, i.ID)).
		Where("attempt = newest").OrderExpr(worstFirst).Limit(int64(limit)).ScanAndCount(ctx)
	if err != nil {
		return nil, 0, fmt.Errorf("issues of import %s: %w", i.ID, err)
	}
	issues := make([]contracts.Issue, len(rows))
	for n, row := range rows {
		issues[n] = contracts.Issue(row)
	}
	return issues, int(total), nil
}
