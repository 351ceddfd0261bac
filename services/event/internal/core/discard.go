package core

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/stage"
)

// Discard gives the identifiers of an import back.
func Discard(ctx context.Context, tx bun.Tx, importID string) error {
	_, err := tx.NewRaw("DELETE FROM event.identifiers WHERE import_id = ?", importID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("identifiers: %w", err)
	}
	return nil
}

// DiscardArchive removes the uploaded archive. It is this stage that does it,
// because ingest consumes nothing.
func DiscardArchive(ctx context.Context, res stage.Resources, importID string) error {
	return res.Bucket.DeleteBelow(ctx, bucket.ArchiveKey(importID, ""))
}
