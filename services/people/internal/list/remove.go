package list

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/stage"
)

// PutAway removes the uploaded list, which holds passwords in plain, and what they
// were hashed to, as soon as nobody can want it any more: the accounts are there. The
// outcome stands by now, so a redelivery has no need of the list; dying before it is
// gone brings one, and this again. After a failure it stays, so that the import can be
// replayed, until it is swept.
func PutAway(ctx context.Context, run *stage.Run, outcome contracts.Payload) error {
	if _, failed := outcome.(*contracts.StageFailed); failed {
		return nil
	}
	if err := forgetHashes(ctx, run.DB, run.ImportID); err != nil {
		return err
	}
	return run.Bucket.DeleteBelow(ctx, bucket.ArchiveKey(run.ImportID, ""))
}

// Discard gives accounts that the list has changed back what they had, where that was
// not changed since, and removes what is kept of it beside the accounts it has made.
func Discard(ctx context.Context, tx bun.Tx, importID string) error {
	if err := restore(ctx, tx, importID); err != nil {
		return err
	}
	for _, table := range []string{"account_changes", "failed_rows", "failed_titles", "previews", "list_hashes"} {
		if _, err := tx.NewDelete().TableExpr("people.?", bun.Ident(table)).Where("import_id = ?", importID).Exec(ctx); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}

// DiscardUpload removes the list of an import that was taken back, if it is still there,
// and what a run that was at work on its passwords has stored since the rows were removed.
func DiscardUpload(ctx context.Context, res stage.Resources, importID string) error {
	if err := forgetHashes(ctx, res.DB, importID); err != nil {
		return err
	}
	return res.Bucket.DeleteBelow(ctx, bucket.ArchiveKey(importID, ""))
}

func forgetHashes(ctx context.Context, db bun.IDB, importID string) error {
	if _, err := db.NewDelete().Model((*hashRow)(nil)).Where("import_id = ?", importID).Exec(ctx); err != nil {
		return fmt.Errorf("hashed passwords: %w", err)
	}
	return nil
}
