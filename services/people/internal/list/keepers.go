package list

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/userlist"
)

// keepers finds rows whose accounts there are already and keep their passwords, because
// they are skipped or updated: to hash those of the list would be in vain, and takes most of
// the time of a list that is uploaded again. Should such an account go until the transaction, the
// run is tried again; see hashless.
type keepers struct {
	run *stage.Run
	// seen are the accounts that a row before would update. A second row of one is left
	// out, and then keeps the password that it has.
	seen map[string]bool
}

func newKeepers(run *stage.Run) *keepers { return &keepers{run: run, seen: make(map[string]bool)} }

// without returns those of the rows that may come to need their passwords.
func (k *keepers) without(ctx context.Context, rows []userlist.Row) ([]userlist.Row, error) {
	if k.run.Options.OnConflict == contracts.ConflictFails || len(rows) == 0 {
		return rows, nil
	}
	byNick, byEmail, err := accountsOf(ctx, k.run, rows)
	if err != nil {
		return nil, err
	}
	var fresh []userlist.Row
	for _, row := range rows {
		nick, email := byNick[userlist.Key(row.User.Nick)], byEmail[userlist.Key(row.User.Email)]
		if account := cmp.Or(nick, email); account == "" || !k.keeps(account, cmp.Or(email, nick)) {
			fresh = append(fresh, row)
		}
	}
	return fresh, nil
}

// keeps tells whether a row is of an account that keeps its password: of one by its nick,
// and of one, which may be another, by its address.
func (k *keepers) keeps(byNick, byEmail string) bool {
	if k.run.Options.OnConflict == contracts.ConflictSkips {
		return true
	}
	first := byNick == byEmail && !k.seen[byNick]
	k.seen[byNick] = true
	return first
}

// errHashless is an account that went while the list was made ready.
var errHashless = errors.New("accounts whose passwords were to stay went meanwhile")

// hashless returns an error where a row would become an account without the password that it
// has, because there was an account of it when they were hashed.
func hashless(ctx context.Context, tx *postgres.Tx, run *stage.Run) error {
	var there bool
	err := tx.NewRaw(`SELECT EXISTS (SELECT FROM pg_temp.? l WHERE l.hashes AND l.by_nick IS NULL AND l.by_email IS NULL
		AND NOT EXISTS (SELECT FROM people.list_hashes h WHERE h.import_id = ? AND h.blob = ? AND h.n = l.n))`,
		bun.Ident(temp), run.ImportID, run.Carried.Blob).Scan(ctx, &there)
	if err != nil {
		return fmt.Errorf("rows without their passwords: %w", err)
	}
	if there {
		return errHashless
	}
	return nil
}
