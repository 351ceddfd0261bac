package projection

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/broker"
)

// CaughtUp returns once all is folded that the stream IMPORTS holds now, and when
// that stream was made. It waits for that until ctx ends.
func CaughtUp(ctx context.Context, db *bun.DB, b *broker.Broker) (made time.Time, err error) {
	stream := b.Names().ImportsStream()
	made, last, err := lookAt(ctx, b, stream)
	if err != nil {
		return made, err
	}
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for {
		at := checkpoint{Stream: stream}
		err := db.NewSelect().Model(&at).WherePK().Scan(ctx)
		switch {
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return made, fmt.Errorf("checkpoint of %s: %w", stream, err)
		case err == nil && at.CreatedAt.Equal(made) && at.Sequence >= last:
			return made, nil
		}
		select {
		case <-ctx.Done():
			return made, ctx.Err()
		case <-look.C:
		}
	}
}
