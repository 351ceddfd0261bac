package ending

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/stage"
)

type notificationRow struct {
	bun.BaseModel `bun:"table:notify.notifications"`

	ImportID string `bun:"import_id,type:uuid"`
	Attempt  int    `bun:"attempt"`
	OwnerIss string `bun:"owner_iss"`
	OwnerSub string `bun:"owner_sub"`
	Kind     string `bun:"kind"`
	Title    string `bun:"title"`
	Message  string `bun:"message"`
	URL      string `bun:"url,nullzero"`
}

// notifyOwner writes the notification of an attempt; there is one of each.
func notifyOwner(ctx context.Context, tx bun.Tx, run *stage.Run, f *contracts.ImportFinished) error {
	row := &notificationRow{
		ImportID: run.ImportID,
		Attempt:  run.Attempt,
		OwnerIss: run.Envelope.Owner.Issuer,
		OwnerSub: run.Envelope.Owner.Subject,
		Kind:     "failure",
		Title:    title(run.Envelope.Kind, f),
		Message:  summary(run.Envelope.Kind, f),
	}
	if f.State == contracts.Success {
		row.Kind = "success"
	}
	if f.Result != nil {
		row.URL = f.Result.URL
	}
	_, err := tx.NewInsert().Model(row).On("CONFLICT (import_id, attempt) DO NOTHING").Exec(ctx)
	if err != nil {
		return fmt.Errorf("notification: %w", err)
	}
	return nil
}
