package list

import (
	"context"
	"fmt"
	"sync"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/userlist"
)

// Hashing bounds how many passwords are hashed at once, over all the lists that
// a process imports: each takes 19 MiB and one core. Its capacity is how many.
type Hashing chan struct{}

// perCore is how many passwords of a portion each core hashes: the portion is stored
// when all are, so the cores wait for the slowest of them once in a while only.
const perCore = 64

// hashRow is a row of people.list_hashes.
type hashRow struct {
	bun.BaseModel `bun:"table:people.list_hashes"`

	ImportID     string `bun:"import_id"`
	Blob         string `bun:"blob"`
	N            int    `bun:"n"`
	PasswordHash string `bun:"password_hash"`
}

// prepare hashes the passwords of a list, but for those that were before, and those of
// accounts that stay as they are. It takes up to a minute for each thousand; what is stored of
// it a redelivery finds again. Also a row that is left out for another reason keeps its
// password by it: the table in which it is mended has none.
func (h Hashing) prepare(ctx context.Context, run *stage.Run, list *userlist.List) error {
	stored, err := storedHashes(ctx, run, list.Users())
	if err != nil {
		return err
	}
	// What a hash takes is garbage when it is there. To collect it after each would cost a twelfth
	// of the time, for all else has to be looked at.
	defer service.Spacious(int64(2 * cap(h) * auth.HashMemory))()
	keepers := newKeepers(run)
	var portion []userlist.Row
	flush := func() error {
		fresh, err := keepers.without(ctx, portion)
		if err != nil {
			return err
		}
		portion = portion[:0]
		rows, passwords := make([]hashRow, len(fresh)), make([]string, len(fresh))
		for i, row := range fresh {
			rows[i] = hashRow{ImportID: run.ImportID, Blob: run.Carried.Blob, N: row.Index}
			passwords[i] = row.User.Password
		}
		if err := h.hash(ctx, rows, passwords); err != nil {
			return err
		}
		return storeHashes(ctx, run, rows)
	}
	for row, err := range list.Rows(func(contracts.Issue) {}) { // they were told before
		if err != nil {
			return err
		}
		run.Progress(contracts.Users, row.Index)
		if stored[row.Index] || !hashes(row) {
			continue
		}
		row.Cells = nil // they may be large
		if portion = append(portion, row); len(portion) == perCore*cap(h) {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// hashes tells whether a row has a password that is to be hashed.
func hashes(row userlist.Row) bool { return row.User.Password != "" && row.PasswordHolds() }

// storedHashes tells of which of so many rows the password was hashed before.
func storedHashes(ctx context.Context, run *stage.Run, users int) ([]bool, error) {
	var all []int
	err := run.DB.NewSelect().Model((*hashRow)(nil)).Column("n").
		Where("import_id = ? AND blob = ?", run.ImportID, run.Carried.Blob).Scan(ctx, &all)
	if err != nil {
		return nil, fmt.Errorf("hashed passwords: %w", err)
	}
	stored := make([]bool, users)
	for _, n := range all {
		if n < users {
			stored[n] = true
		}
	}
	return stored, nil
}

// storeHashes stores a portion. A twin of this run, which makes others of the same
// passwords, may have been first; then those are kept. It stores nothing where the
// accounts are there already: nobody would put it away.
func storeHashes(ctx context.Context, run *stage.Run, rows []hashRow) error {
	if len(rows) == 0 {
		return nil
	}
	return run.Ahead(ctx, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&rows).On("CONFLICT DO NOTHING").Exec(ctx); err != nil {
			return fmt.Errorf("store hashed passwords: %w", err)
		}
		return nil
	})
}

// hash hashes passwords into the rows, on all cores.
func (h Hashing) hash(ctx context.Context, rows []hashRow, passwords []string) error {
	var wg sync.WaitGroup
	for i, password := range passwords {
		select {
		case h <- struct{}{}:
		case <-ctx.Done():
			wg.Wait()
			return context.Cause(ctx)
		}
		wg.Go(func() {
			defer func() { <-h }()
			rows[i].PasswordHash = auth.HashPassword(password)
		})
	}
	wg.Wait()
	return nil
}
