package list

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/stage"
)

// PutAway removes the uploaded list, which holds passwords in plain, and what they
// were hashed to, as soon as nobody can want it any more: the accounts are there. The
// outcome stands by now, so a redelivery has no need of the list; dying before it is
// gone brings one, and this again. After a failure it stays, so that the import can be
// replayed, until it is swept.
//
// Of mended rows those of this attempt and of the ones before go. Others may wait for an
// attempt that this one, which may be redelivered late, knows nothing of.
func PutAway(ctx context.Context, run *stage.Run, outcome contracts.Payload) error {
	if _, failed := outcome.(*contracts.StageFailed); failed {
		return nil
	}
	had, err := blobsUntil(ctx, run)
	if err != nil {
		return err
	}
	var gone, kept []string
	for b, err := range run.Bucket.Below(ctx, bucket.ArchiveKey(run.ImportID, "")) {
		if err != nil {
			return err
		}
		if bucket.IsMended(b.Key) && !slices.Contains(had, b.Key) {
			kept = append(kept, b.Key)
		} else {
			gone = append(gone, b.Key)
		}
	}
	_, err = run.DB.NewDelete().Model((*hashRow)(nil)).
		Where("import_id = ? AND blob <> ALL (?)", run.ImportID, pgdialect.Array(append([]string{}, kept...))).Exec(ctx)
	if err != nil {
		return fmt.Errorf("hashed passwords: %w", err)
	}
	for _, key := range gone {
		if err := run.Bucket.Delete(ctx, key); err != nil {
			return err
		}
	}
	return nil
}

// blobsUntil returns which uploads this attempt and the ones before have read.
func blobsUntil(ctx context.Context, run *stage.Run) ([]string, error) {
	var messages []string
	err := run.DB.NewRaw(`SELECT message FROM people.stage_run WHERE import_id = ? AND attempt <= ?`, run.ImportID, run.Attempt).Scan(ctx, &messages)
	if err != nil {
		return nil, fmt.Errorf("outcomes of attempts: %w", err)
	}
	var blobs []string
	for _, m := range messages {
		_, payload, err := contracts.Decode([]byte(m))
		if err != nil {
			return nil, fmt.Errorf("outcome in stage_run: %w", err)
		}
		if carried, ok := contracts.CarriedBy(payload); ok {
			blobs = append(blobs, carried.Blob)
		}
	}
	return blobs, nil
}

// Discard gives accounts that the list has changed back what they had, where that was
// not changed since, and removes what is kept of it beside the accounts it has made. Those
// go first: one may have a nick or an address that is to go back.
func Discard(ctx context.Context, tx bun.Tx, importID string) error {
	if _, err := tx.NewDelete().Model((*User)(nil)).Where("import_id = ?", importID).Exec(ctx); err != nil {
		return fmt.Errorf("accounts of the import: %w", err)
	}
	if err := hold(ctx, tx, "SELECT account FROM people.account_changes WHERE import_id = ?", importID); err != nil {
		return err
	}
	if err := handOn(ctx, tx, importID); err != nil {
		return err
	}
	if err := restore(ctx, tx, importID); err != nil {
		return err
	}
	if _, err := tx.NewDelete().TableExpr("people.account_changes").Where("import_id = ?", importID).Exec(ctx); err != nil {
		return fmt.Errorf("account_changes: %w", err)
	}
	return forget(ctx, tx, importID)
}

// forget removes what is kept of a list for whoever replays, starts or mends it.
func forget(ctx context.Context, tx bun.Tx, importID string) error {
	for _, table := range []string{"failed_rows", "failed_titles", "previews", "list_hashes"} {
		if _, err := tx.NewDelete().TableExpr("people.?", bun.Ident(table)).Where("import_id = ?", importID).Exec(ctx); err != nil {
			return fmt.Errorf("%s: %w", table, err)
		}
	}
	return nil
}

// DiscardUpload removes the list of an import that was taken back, if it is still there.
func DiscardUpload(ctx context.Context, res stage.Resources, importID string) error {
	return res.Bucket.DeleteBelow(ctx, bucket.ArchiveKey(importID, ""))
}
