package list

import (
	"context"
	"errors"
	"iter"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/userlist"
)

// errNotChecked is a stage that is declared without Check.
var errNotChecked = errors.New("the list was not checked")

// UserRow is a row of people.users that was made of a list. Who the account is in
// tokens the table says, and keeps saying when the row is made again.
type UserRow struct {
	bun.BaseModel `bun:"table:people.users"`
	stage.Key

	Nick           string    `bun:"nick"`
	Email          string    `bun:"email"`
	NickKey        string    `bun:"nick_key"`
	EmailKey       string    `bun:"email_key"`
	FirstName      string    `bun:"first_name,nullzero"`
	LastName       string    `bun:"last_name,nullzero"`
	Age            *int      `bun:"age"`
	City           string    `bun:"city,nullzero"`
	Mobile         string    `bun:"mobile,nullzero"`
	Pronoun        string    `bun:"pronoun,nullzero"`
	DECT           string    `bun:"dect,nullzero"`
	TShirtSize     string    `bun:"tshirt_size,nullzero"`
	PlannedArrival time.Time `bun:"planned_arrival,type:date,nullzero"`
	PasswordHash   string    `bun:"password_hash"`
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
	u := row.User
	return &UserRow{
		Key:            run.Key(strconv.Itoa(row.Index)),
		Nick:           u.Nick,
		Email:          u.Email,
		NickKey:        userlist.Key(u.Nick),
		EmailKey:       userlist.Key(u.Email),
		FirstName:      u.FirstName,
		LastName:       u.LastName,
		Age:            u.Age,
		City:           u.City,
		Mobile:         u.Mobile,
		Pronoun:        u.Pronoun,
		DECT:           u.DECT,
		TShirtSize:     u.TShirtSize,
		PlannedArrival: u.PlannedArrival,
		PasswordHash:   hash,
	}
}
