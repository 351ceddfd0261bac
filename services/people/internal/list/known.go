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
const portion = 1000

// known finds rows whose accounts there are already, before any time is spent on
// passwords or accounts. The transaction looks again, where it counts. While one portion
// is looked up the rows of the next are read.
type known struct {
	run *stage.Run
	// tells is whether it reports them. Else it looks no further than to the first.
	tells bool
	// found tells that there is one.
	found bool
	rows  []userlist.Row
	// room has the rows of the portion before, and holds those of the next but one.
	room []userlist.Row
	// answer comes from the portion that is looked up, nil where none is.
	answer chan answer
}

type answer struct {
	issues []contracts.Issue
	err    error
}

func newKnown(run *stage.Run, tells bool) *known {
	return &known{run: run, tells: tells}
}

func (k *known) add(ctx context.Context, row userlist.Row) error {
	options := k.run.Options
	if options.OnConflict != contracts.ConflictFails || options.Mode == contracts.Lenient || row.Bad() {
		return nil // the list does not fail by it
	}
	if k.found && !k.tells {
		return nil
	}
	row.Cells = nil // they may be large
	if k.rows = append(k.rows, row); len(k.rows) < portion {
		return nil
	}
	return k.look(ctx)
}

// look begins to look up the rows that have not been yet.
func (k *known) look(ctx context.Context) error {
	if err := k.wait(); err != nil {
		return err
	}
	rows, answered := k.rows, make(chan answer, 1)
	k.rows, k.room, k.answer = k.room[:0], rows, answered
	go func() {
		issues, err := k.clashes(ctx, rows)
		answered <- answer{issues, err}
	}()
	return nil
}

// wait takes what was found of the portion that is looked up.
func (k *known) wait() error {
	if k.answer == nil {
		return nil
	}
	found := <-k.answer
	k.answer = nil
	k.found = k.found || len(found.issues) > 0
	if k.tells {
		report(k.run, found.issues...)
	}
	return found.err
}

// finish looks up what is left, and returns when all is known.
func (k *known) finish(ctx context.Context) error {
	if err := k.look(ctx); err != nil {
		return err
	}
	return k.wait()
}

// clashes returns the issues of those of the rows that have an account.
func (k *known) clashes(ctx context.Context, rows []userlist.Row) ([]contracts.Issue, error) {
	nicks, emails, err := accountsOf(ctx, k.run, rows)
	if err != nil {
		return nil, err
	}
	var issues []contracts.Issue
	for _, row := range rows {
		if len(nicks) > 0 && nicks[userlist.Key(row.User.Nick)] != "" {
			issues = append(issues, row.NickTaken())
		}
		if len(emails) > 0 && emails[userlist.Key(row.User.Email)] != "" {
			issues = append(issues, row.EmailTaken())
		}
	}
	return issues, nil
}

// accountsOf returns the ids of accounts that have the nicks and the addresses of rows, by
// their keys. Those of this import are none, for an earlier attempt's are made anew; but to
// mended rows they are.
func accountsOf(ctx context.Context, run *stage.Run, rows []userlist.Row) (byNick, byEmail map[string]string, err error) {
	byNick, err = accountsBy(ctx, run, "nick_key", rows, func(u userlist.User) string { return u.Nick })
	if err != nil {
		return nil, nil, err
	}
	byEmail, err = accountsBy(ctx, run, "email_key", rows, func(u userlist.User) string { return u.Email })
	return byNick, byEmail, err
}

// accountsBy is accountsOf by one of the keys.
func accountsBy(ctx context.Context, run *stage.Run, column string, rows []userlist.Row, of func(userlist.User) string) (map[string]string, error) {
	keys := make([]string, len(rows))
	for i, row := range rows {
		keys[i] = userlist.Key(of(row.User))
	}
	var found []struct{ ID, Key string }
	err := run.DB.NewSelect().TableExpr("people.users").ColumnExpr("id").ColumnExpr("? AS key", bun.Ident(column)).
		Where("? = ANY (?)", bun.Ident(column), pgdialect.Array(keys)).
		Where("(import_id IS DISTINCT FROM ?::uuid OR ?)", run.ImportID, run.Carried.Mended).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("accounts of the same %s: %w", column, err)
	}
	accounts := make(map[string]string, len(found))
	for _, one := range found {
		accounts[one.Key] = one.ID
	}
	return accounts, nil
}
