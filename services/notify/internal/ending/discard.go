package ending

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// Discard takes back what was told of an import: a notification would lead
// nowhere, and a mail that has not left is not to leave any more.
func Discard(ctx context.Context, tx bun.Tx, importID string) error {
	for _, table := range []bun.Ident{"notify.notifications", "notify.mails"} {
		if _, err := tx.NewRaw("DELETE FROM ? WHERE import_id = ?", table, importID).Exec(ctx); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}
