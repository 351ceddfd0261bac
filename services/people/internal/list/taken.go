package list

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/userlist"
)

// RefuseTaken fails the list where an account has the nick or the address of
// somebody in it. An account that is made meanwhile breaks a unique key instead;
// then the run is tried again and finds it here.
func RefuseTaken(ctx context.Context, tx bun.Tx, run *stage.Run) error {
	list, ok := run.Input.(accounts)
	if !ok {
		return errNotChecked
	}
	if err := reportTaken(ctx, tx, run, list.users); err != nil {
		return err
	}
	return run.Invalid()
}

// reportTaken reports who of a list has the nick or the address of an account of
// another origin.
func reportTaken(ctx context.Context, db bun.IDB, run *stage.Run, users []userlist.Row) error {
	nicks, err := taken(ctx, db, "nick_key", run.ImportID, users, func(u userlist.User) string { return u.Nick })
	if err != nil {
		return err
	}
	emails, err := taken(ctx, db, "email_key", run.ImportID, users, func(u userlist.User) string { return u.Email })
	if err != nil {
		return err
	}
	for _, row := range users {
		if nicks[userlist.Key(row.User.Nick)] {
			run.Report(row.NickTaken())
		}
		if emails[userlist.Key(row.User.Email)] {
			run.Report(row.EmailTaken())
		}
	}
	return nil
}

// taken returns which keys of a list accounts have that are not of this import:
// those of an earlier attempt are made anew.
func taken(ctx context.Context, db bun.IDB, column, importID string, users []userlist.Row, of func(userlist.User) string) (map[string]bool, error) {
	keys := make([]string, len(users))
	for i, row := range users {
		keys[i] = userlist.Key(of(row.User))
	}
	var found []string
	err := db.NewSelect().TableExpr("people.users").Column(column).
		Where("? = ANY (?)", bun.Ident(column), pgdialect.Array(keys)).
		Where("import_id IS DISTINCT FROM ?::uuid", importID).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("accounts of the same %s: %w", column, err)
	}
	there := make(map[string]bool, len(found))
	for _, key := range found {
		there[key] = true
	}
	return there, nil
}
