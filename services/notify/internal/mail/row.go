// Package mail is the outbox: mails are rows, written with the outcome that
// they tell of, and a loop delivers those that have a server to go to.
package mail

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// The states of a mail.
const (
	// Held mails tell of an end that is not certain yet; see Release.
	Held = "held"
	// Kept mails have no server to go to and are for reading over HTTP.
	Kept = "kept"
	// Pending mails wait for their next try.
	Pending = "pending"
	// Sent mails were taken by the server.
	Sent = "sent"
	// Failed mails were refused for good.
	Failed = "failed"
)

// Row is a row of notify.mails. It has a text and an HTML form, or else an invitee, the
// nick and the number of the invitation, from which both are written when it is sent.
type Row struct {
	bun.BaseModel `bun:"table:notify.mails"`

	ID        int64     `bun:"id,pk,autoincrement"`
	ImportID  string    `bun:"import_id,type:uuid"`
	Attempt   int       `bun:"attempt"`
	MessageID string    `bun:"message_id"`
	Recipient string    `bun:"recipient"`
	Subject   string    `bun:"subject"`
	Text      string    `bun:"text"`
	HTML      string    `bun:"html"`
	State     string    `bun:"state"`
	Tries     int       `bun:"tries"`
	NextTry   time.Time `bun:"next_try,nullzero,default:now()"`
	LastError string    `bun:"last_error"`
	CreatedAt time.Time `bun:"created_at,nullzero,default:now()"`
	SentAt    time.Time `bun:"sent_at,nullzero"`

	Invitee    string `bun:"invitee,type:uuid,nullzero"`
	Nick       string `bun:"nick,nullzero"`
	Invitation int    `bun:"invitation,nullzero"`

	// Secret is a part of the words that stands nowhere but in the mail.
	Secret string `bun:"-"`
}

// Insert writes the mail, unless there is one of the same Message-ID already.
func (r *Row) Insert(ctx context.Context, tx bun.Tx) error {
	if _, err := tx.NewInsert().Model(r).On("CONFLICT (message_id) DO NOTHING").Exec(ctx); err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	return nil
}

// Release lets the mails of an attempt go whose end is certain: they are pending
// from now on. It may be repeated.
func Release(ctx context.Context, db bun.IDB, importID string, attempt int) error {
	_, err := db.NewRaw("UPDATE notify.mails SET state = ? WHERE import_id = ? AND attempt = ? AND state = ?",
		Pending, importID, attempt, Held).Exec(ctx)
	if err != nil {
		return fmt.Errorf("release mails: %w", err)
	}
	return nil
}
