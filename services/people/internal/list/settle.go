package list

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/stage"
)

// clash says why a row cannot become an account, nor change one.
type clash uint8

const (
	// nickTaken and emailTaken: an account has it; of two accounts where both are told
	// of a row that is to update one.
	nickTaken clash = 1 << iota
	emailTaken
	// sameAccount: an earlier row of the list is to change the same account.
	sameAccount
)

// settle finds the accounts that there are of the rows already, and decides what
// becomes of those rows. What is in the way of one is reported, and the row left out. An
// account that is made meanwhile breaks a unique key instead; then the run is tried
// again and finds it here. An account of the import itself is made again, but by mended
// rows, which are never of one.
func settle(ctx context.Context, tx *postgres.Tx, run *stage.Run, in *input, left *leftOut, facts *contracts.Accounts) error {
	for _, by := range []struct{ found, key string }{{"by_nick", "nick_key"}, {"by_email", "email_key"}} {
		_, err := tx.NewRaw(`UPDATE pg_temp.? l SET ? = u.id FROM people.users u
			WHERE u.? = l.? AND (u.import_id IS DISTINCT FROM ?::uuid OR ?)`,
			bun.Ident(temp), bun.Ident(by.found), bun.Ident(by.key), bun.Ident(by.key), run.ImportID, run.Carried.Mended).Exec(ctx)
		if err != nil {
			return fmt.Errorf("accounts of the same %s: %w", by.key, err)
		}
	}
	if run.Options.OnConflict == contracts.ConflictSkips {
		err := tx.NewRaw(`SELECT count(*) FROM pg_temp.? WHERE by_nick IS NOT NULL OR by_email IS NOT NULL`, bun.Ident(temp)).Scan(ctx, &facts.Skipped)
		if err != nil {
			return fmt.Errorf("accounts to skip: %w", err)
		}
		return nil
	}
	clashes, err := clashesOf(ctx, tx, run, in.list.Users())
	if err != nil || clashes == nil {
		return err
	}
	return leave(ctx, tx, run, in, left, clashes)
}

// clashesOf takes the rows that clash out of the temporary table. It returns what there
// is to say of them by row, nil where there are none.
func clashesOf(ctx context.Context, tx *postgres.Tx, run *stage.Run, users int) ([]clash, error) {
	where := "by_nick IS NOT NULL OR by_email IS NOT NULL"
	if run.Options.OnConflict == contracts.ConflictUpdates {
		where = `by_nick <> by_email OR n IN (SELECT n FROM (
			SELECT n, row_number() OVER (PARTITION BY coalesce(by_nick, by_email) ORDER BY n) AS turn
			FROM pg_temp.usher_list WHERE (by_nick IS NOT NULL OR by_email IS NOT NULL) AND (by_nick <> by_email) IS NOT TRUE) AS turns WHERE turn > 1)`
	}
	rows, err := tx.QueryContext(ctx, `DELETE FROM pg_temp.usher_list WHERE `+where+` RETURNING n,
		by_nick IS NOT NULL, by_email IS NOT NULL, by_nick IS DISTINCT FROM by_email AND by_nick IS NOT NULL AND by_email IS NOT NULL`)
	if err != nil {
		return nil, fmt.Errorf("rows of accounts that are there: %w", err)
	}
	defer rows.Close()
	var clashes []clash
	for rows.Next() {
		var n int
		var byNick, byEmail, two bool
		if err := rows.Scan(&n, &byNick, &byEmail, &two); err != nil {
			return nil, fmt.Errorf("rows of accounts that are there: %w", err)
		}
		if clashes == nil {
			clashes = make([]clash, users)
		}
		if run.Options.OnConflict == contracts.ConflictUpdates && !two {
			clashes[n] = sameAccount
			continue
		}
		if byNick {
			clashes[n] |= nickTaken
		}
		if byEmail {
			clashes[n] |= emailTaken
		}
	}
	return clashes, rows.Err()
}

// leave reports the rows that clash, which takes the list to be read once more.
func leave(ctx context.Context, tx *postgres.Tx, run *stage.Run, in *input, left *leftOut, clashes []clash) error {
	for row, err := range in.list.Rows(func(contracts.Issue) {}) {
		if err == nil {
			err = tx.StayAwake(ctx)
		}
		if err != nil {
			return err
		}
		var issues []contracts.Issue
		why := clashes[row.Index]
		if why&nickTaken != 0 {
			issues = append(issues, row.NickTaken())
		}
		if why&emailTaken != 0 {
			issues = append(issues, row.EmailTaken())
		}
		if why&sameAccount != 0 {
			issues = append(issues, row.SameAccount())
		}
		if len(issues) > 0 {
			report(run, issues...)
			left.add(row, in.origin(row), issues)
		}
	}
	return nil
}
