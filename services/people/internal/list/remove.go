package list

import (
	"context"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/stage"
)

// PutAway removes the uploaded list, which holds passwords in plain, as soon as
// nothing can want it any more: the accounts are there, or the list has to be
// mended and uploaded anew. After a failure that is not the list's it stays, so
// that the import can be replayed. The outcome stands by now, so a redelivery
// has no need of the list; dying before it is gone brings one, and this again.
func PutAway(ctx context.Context, run *stage.Run, outcome contracts.Payload) error {
	if failed, ok := outcome.(*contracts.StageFailed); ok && failed.Code != stage.CodeInvalidList {
		return nil
	}
	return run.Bucket.DeleteBelow(ctx, bucket.ArchiveKey(run.ImportID, ""))
}

// Discard removes the list of an import that was taken back, if it is still there.
func Discard(ctx context.Context, res stage.Resources, importID string) error {
	return res.Bucket.DeleteBelow(ctx, bucket.ArchiveKey(importID, ""))
}
