package list

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/userlist"
)

// portion is how many rows are looked up at once.
const portion = 2000

// known reports rows whose accounts there are already, before any time is spent on
// passwords. The transaction looks again, where it counts.
type known struct {
	run  *stage.Run
	rows []userlist.Row
}

func newKnown(run *stage.Run) *known { return &known{run: run} }

func (k *known) add(ctx context.Context, row userlist.Row) error {
	options := k.run.Options
	if options.OnConflict != contracts.ConflictFails || options.Mode == contracts.Lenient || row.Bad() {
		return nil // the list does not fail by it
	}
	if k.rows = append(k.rows, row); len(k.rows) < portion {
		return nil
	}
	return k.look(ctx)
}

// look looks up the rows that have not been yet.
func (k *known) look(ctx context.Context) error {
	nicks, err := k.taken(ctx, "nick_key", func(u userlist.User) string { return u.Nick })
	if err != nil {
		return err
	}
	emails, err := k.taken(ctx, "email_key", func(u userlist.User) string { return u.Email })
	if err != nil {
		return err
	}
	for _, row := range k.rows {
		if nicks[userlist.Key(row.User.Nick)] {
			report(k.run, row.NickTaken())
		}
		if emails[userlist.Key(row.User.Email)] {
			report(k.run, row.EmailTaken())
		}
	}
	k.rows = k.rows[:0]
	return nil
}

// taken returns which keys of the rows accounts have that are not of this import:
// those of an earlier attempt are made anew.
func (k *known) taken(ctx context.Context, column string, of func(userlist.User) string) (map[string]bool, error) {
	keys := make([]string, len(k.rows))
	for i, row := range k.rows {
		keys[i] = userlist.Key(of(row.User))
	}
	var found []string
	err := k.run.DB.NewSelect().TableExpr("people.users").Column(column).
		Where("? = ANY (?)", bun.Ident(column), pgdialect.Array(keys)).
		Where("import_id IS DISTINCT FROM ?::uuid", k.run.ImportID).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("accounts of the same %s: %w", column, err)
	}
	there := make(map[string]bool, len(found))
	for _, key := range found {
		there[key] = true
	}
	return there, nil
}
