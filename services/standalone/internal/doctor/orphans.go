package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/services/standalone/internal/orphans"
)

const mendOrphans = "nothing shows these rows: after a backup, delete from the tables named what has this import_id"

// shownImports is how many imports a finding names.
const shownImports = 5

// orphaned looks for rows of imports that neither the query service nor the broker knows.
func orphaned(ctx context.Context, db *bun.DB, b *broker.Broker) []Finding {
	const check = "orphans"
	all, err := orphans.Find(ctx, db)
	if err != nil {
		return []Finding{warning(check, "usher migrate", "they could not be counted: %s", err)}
	}
	if len(all) == 0 {
		return []Finding{green(check, "every row belongs to an import")}
	}
	if b == nil {
		return []Finding{warning(check, startBroker, "%d imports have rows and are not shown; the broker would say whether they have just begun", len(all))}
	}
	var named []string
	n := 0
	for _, o := range all {
		known, err := requested(ctx, b, o.Import)
		if err != nil {
			return []Finding{warning(check, startBroker, "they could not be judged: %s", err)}
		}
		if known {
			continue // it has just begun, and will be shown
		}
		if n++; n <= shownImports {
			named = append(named, fmt.Sprintf("%s (%s)", o.Import, strings.Join(o.Tables, " ")))
		}
	}
	if n == 0 {
		return []Finding{green(check, "every row belongs to an import")}
	}
	return []Finding{red(check, mendOrphans, "%d imports that nobody knows have rows: %s", n, strings.Join(named, ", "))}
}

// unfinished looks for imports that are shown as under way and of which the broker has no
// request: they were accepted after the backup that the broker was restored from.
func unfinished(ctx context.Context, db *bun.DB, b *broker.Broker) []Finding {
	const check = "unfinished imports"
	if b == nil {
		return nil
	}
	var ids []string
	err := db.NewRaw(`SELECT id FROM query.imports WHERE state IN (?, ?) ORDER BY id`, contracts.Pending, contracts.Started).Scan(ctx, &ids)
	if err != nil {
		return nil // told with the migrations
	}
	var lost []string
	for _, id := range ids {
		known, err := requested(ctx, b, id)
		if err != nil {
			return []Finding{warning(check, startBroker, "they could not be judged: %s", err)}
		}
		if !known {
			lost = append(lost, id)
		}
	}
	if len(lost) == 0 {
		return []Finding{green(check, "the broker knows each of the %d", len(ids))}
	}
	return []Finding{red(check, "upload them again: with the same Idempotency-Key they go on where they stand",
		"%d imports are shown as under way, and the broker knows nothing of them: %s", len(lost), strings.Join(lost[:min(shownImports, len(lost))], ", "))}
}

// requested tells whether the broker has the request of an import.
func requested(ctx context.Context, b *broker.Broker, id string) (bool, error) {
	_, err := b.Last(ctx, b.Names().ImportsStream(), b.Names().AnyRequest(id))
	if errors.Is(err, broker.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
