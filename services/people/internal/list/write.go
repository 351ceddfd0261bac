package list

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/services/people/internal/profile"
)

// User is a row of people.users that was made of a list. Who the account is in tokens
// the table says, and keeps saying when the row is made again.
type User struct {
	bun.BaseModel `bun:"table:people.users"`
	stage.Key
}

// temp is the temporary table that the good rows of a list are copied into. by_nick
// and by_email are the accounts that have the nick or the address already.
const temp = "usher_list"

// Write makes accounts of a list, all at once: the rows are copied beside the accounts,
// compared with them, and become accounts by one statement, however many there are. Of
// a check nothing is written but what it shows.
func (l Lists) Write(ctx context.Context, tx *postgres.Tx, run *stage.Run) (int, error) {
	in, err := inputOf(run)
	if err != nil {
		return 0, err
	}
	left := &leftOut{run: run, in: in}
	var facts contracts.Accounts
	if straight(run, in) {
		done, err := copyAccounts(ctx, tx, run, in, &facts)
		if err != nil {
			return 0, err
		}
		if done {
			run.Carried.Accounts = &facts
			return facts.Created, left.store(ctx, tx)
		}
	}
	if err := fill(ctx, tx, run, in, left); err != nil {
		return 0, err
	}
	if err := settle(ctx, tx, run, in, left, &facts); err != nil {
		return 0, err
	}
	facts.Failed = left.n
	if run.Envelope.Kind.Check() {
		err = preview(ctx, tx, run, in, &facts)
	} else if err = run.Invalid(); err == nil {
		err = join(ctx, tx, run, in, &facts)
	}
	if err == nil {
		err = left.store(ctx, tx)
	}
	if in.mended != nil {
		facts = added(earlierAccounts(run), facts, len(in.mended))
	}
	run.Carried.Accounts = &facts
	return facts.Created, err
}

// fill copies the good rows into the temporary table; the others are left out.
func fill(ctx context.Context, tx *postgres.Tx, run *stage.Run, in *input, left *leftOut) error {
	columns := profile.Columns()
	query := "SELECT 0 AS n, 0 AS place, " + strings.Join(columns, ", ") + ", password_hash, false AS hashes, id AS by_nick, id AS by_email FROM people.users"
	tell := run.Report
	if in.told {
		tell = func(contracts.Issue) {}
	}
	var rows iter.Seq2[[]any, error] = func(yield func([]any, error) bool) {
		for row, err := range in.list.Rows(tell) {
			if err != nil {
				yield(nil, err)
				return
			}
			run.Progress(contracts.Users, row.Index)
			if !in.told {
				report(run, row.Issues...)
			}
			if row.Bad() {
				left.add(row, in.origin(row), row.Issues)
				if !yield(nil, nil) { // the transaction is to stay awake
					return
				}
				continue
			}
			values := profile.Of(row.User).AppendValues(append(make([]any, 0, len(columns)+4), row.Index, in.origin(row)))
			if !row.User.RolesNamed {
				values[len(values)-1] = nil // what is not said changes no account
			}
			if !yield(append(values, profile.OrNull(row.User.PasswordHash), hashes(row)), nil) {
				return
			}
		}
	}
	return tx.Temporary(ctx, temp, query, append(append([]string{"n", "place"}, columns...), "password_hash", "hashes"), rows)
}

// added is what an import has come to with rows that were mended.
func added(before, mended contracts.Accounts, rows int) contracts.Accounts {
	return contracts.Accounts{
		Created: before.Created + mended.Created,
		Updated: max(before.Updated, mended.Updated), // those of all attempts are counted
		Skipped: before.Skipped + mended.Skipped,
		Failed:  before.Failed - rows + mended.Failed,
		Invited: before.Invited + mended.Invited,
	}
}

// join makes the rows that are left accounts, or what accounts become.
func join(ctx context.Context, tx *postgres.Tx, run *stage.Run, in *input, facts *contracts.Accounts) error {
	if run.Options.OnConflict != contracts.ConflictFails {
		if err := hashless(ctx, tx, run); err != nil {
			return err
		}
	}
	if run.Options.OnConflict == contracts.ConflictUpdates {
		n, err := update(ctx, tx, run, in)
		if err != nil {
			return err
		}
		facts.Updated = n
	}
	if in.mended != nil {
		if err := keepOthers(ctx, tx, run); err != nil {
			return err
		}
	}
	columns := profile.Columns()
	var sets []string
	for _, c := range columns {
		sets = append(sets, c+" = excluded."+c)
	}
	list := strings.Join(columns, ", ")
	values := strings.Replace("l."+strings.Join(columns, ", l."), "l.is_admin", "coalesce(l.is_admin, false)", 1)
	// A password that somebody has by now, after an earlier attempt, is theirs.
	err := tx.NewRaw(`WITH made AS (
			INSERT INTO people.users AS u (import_id, attempt, origin, `+list+`, password_hash, invitation)
			SELECT ?, ?, l.place::text, `+values+`, p.hash, CASE WHEN ? AND p.hash IS NULL THEN 1 END
			FROM pg_temp.? l
			LEFT JOIN people.list_hashes h ON h.import_id = ? AND h.blob = ? AND h.n = l.n
			LEFT JOIN people.failed_rows f ON f.import_id = ? AND f.n = l.place AND ?
			CROSS JOIN LATERAL (SELECT coalesce(l.password_hash, h.password_hash, f.password_hash) AS hash) p
			WHERE l.by_nick IS NULL AND l.by_email IS NULL ORDER BY l.n
			ON CONFLICT (import_id, origin) DO UPDATE SET attempt = excluded.attempt, `+strings.Join(sets, ", ")+`,
				password_hash = coalesce(u.password_hash, excluded.password_hash), invitation = coalesce(u.invitation, excluded.invitation)
			RETURNING u.invitation IS NOT NULL AND u.password_hash IS NULL AS invited
		) SELECT count(*) AS created, count(*) FILTER (WHERE invited) AS invited FROM made`,
		run.ImportID, run.Attempt, !run.Options.NoInvite, bun.Ident(temp), run.ImportID, run.Carried.Blob,
		run.ImportID, in.mended != nil).
		Scan(ctx, &facts.Created, &facts.Invited)
	if err != nil {
		return fmt.Errorf("accounts: %w", err)
	}
	return nil
}
