package list

import (
	"context"
	"fmt"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/userlist"
)

// mended returns which rows of the first list the rows of a mended one are. Whatever
// has no key of a row that is still left out, or one for the second time, is reported
// and ends the attempt: nobody knows which account it would be.
func (l Lists) mended(ctx context.Context, run *stage.Run, list *userlist.List) ([]int, error) {
	var all []int
	err := run.DB.NewRaw("SELECT n FROM people.failed_rows WHERE import_id = ?", run.ImportID).Scan(ctx, &all)
	if err != nil {
		return nil, fmt.Errorf("rows that were left out: %w", err)
	}
	// lines says in which line of the mended list a row stands, 0 where in none yet.
	lines := make(map[int]int, len(all))
	for _, n := range all {
		lines[n] = 0
	}
	origins := make([]int, 0, len(all))
	for row, err := range list.Rows(func(contracts.Issue) {}) { // they are told later
		if err != nil {
			return nil, err
		}
		n, ok := l.Keys.Read(run.ImportID, row.Key)
		line, left := lines[n]
		switch {
		case !ok:
			run.Report(row.KeyInvalid("The row has no key of a row of this import"))
		case !left:
			run.Report(row.KeyInvalid("The row is not left out any more"))
		case line != 0:
			run.Report(row.KeyInvalid(fmt.Sprintf("The row has the same key as line %d", line)))
		default:
			lines[n] = row.Line
			origins = append(origins, n)
		}
	}
	return origins, run.Invalid()
}

// hashed tells by the keys of mended rows whose passwords an earlier attempt has hashed.
// They need none, and nobody is invited by them.
func (l Lists) hashed(ctx context.Context, run *stage.Run) (func(key string) bool, error) {
	if !run.Carried.Mended {
		return nil, nil
	}
	var all []int
	err := run.DB.NewRaw("SELECT n FROM people.failed_rows WHERE import_id = ? AND password_hash IS NOT NULL", run.ImportID).Scan(ctx, &all)
	if err != nil {
		return nil, fmt.Errorf("hashes of rows that were left out: %w", err)
	}
	known := make(map[int]bool, len(all))
	for _, n := range all {
		known[n] = true
	}
	return func(key string) bool {
		n, ok := l.Keys.Read(run.ImportID, key)
		return ok && known[n]
	}, nil
}

// earlierAccounts says what the attempts before a mended list have come to.
func earlierAccounts(run *stage.Run) contracts.Accounts {
	if run.Carried.Mended && run.Carried.Accounts != nil {
		return *run.Carried.Accounts
	}
	return contracts.Accounts{}
}

// keepOthers makes the accounts of earlier attempts those of this one. A mended list
// does not name them, and what an attempt does not make again is deleted.
func keepOthers(ctx context.Context, tx *postgres.Tx, run *stage.Run) error {
	_, err := tx.NewRaw("UPDATE people.users SET attempt = ? WHERE import_id = ?", run.Attempt, run.ImportID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("accounts of earlier attempts: %w", err)
	}
	return nil
}
