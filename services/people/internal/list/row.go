package list

import (
	"context"
	"errors"
	"iter"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/userlist"
	"github.com/usher-events/usher/services/people/internal/profile"
)

// errNotChecked is a stage that is declared without Check.
var errNotChecked = errors.New("the list was not checked")

// UserRow is a row of people.users that was made of a list. Who the account is in
// tokens the table says, and keeps saying when the row is made again.
type UserRow struct {
	bun.BaseModel `bun:"table:people.users"`
	stage.Key
	profile.Profile

	PasswordHash string `bun:"password_hash"`
}

// Rows makes the rows of a list that was checked.
func Rows(_ context.Context, run *stage.Run) iter.Seq2[*UserRow, error] {
	return func(yield func(*UserRow, error) bool) {
		list, ok := run.Input.(accounts)
		if !ok {
			yield(nil, errNotChecked)
			return
		}
		for i, row := range list.users {
			if !yield(rowOf(run, row, list.hashes[i]), nil) {
				return
			}
		}
	}
}

func rowOf(run *stage.Run, row userlist.Row, hash string) *UserRow {
	return &UserRow{
		Key:          run.Key(strconv.Itoa(row.Index)),
		Profile:      profile.Of(row.User),
		PasswordHash: hash,
	}
}
