package mail

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"
)

const (
	// lookEvery is how often the sender looks for mails that are due.
	lookEvery = time.Second
	// firstDelay and longestDelay bound how long a mail waits after a try that
	// failed; the delay doubles from one to the other.
	firstDelay   = 5 * time.Second
	longestDelay = time.Hour
	// giveUpAfter is how long a mail is tried, as mail servers do among themselves.
	giveUpAfter = 5 * 24 * time.Hour
)

// Sender delivers what is pending. Any number of them may run: each mail is
// locked while one of them has it.
type Sender struct {
	DB *bun.DB
	// URL names the server: smtp://user:password@host:587 or smtps://host:465.
	URL string
	// From is the sender's address.
	From string
	Log  *slog.Logger
}

// Run delivers mails until ctx is cancelled.
func (s *Sender) Run(ctx context.Context) error {
	server, err := newServer(s.URL, s.From)
	if err != nil {
		return err
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		for {
			sent, err := s.sendNext(ctx, server)
			if err != nil && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "mails are not looked for now", "error", err)
			}
			if err != nil || !sent {
				break
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// sendNext takes the mail that is due longest and tries to deliver it; false
// where none is due. The row stays locked until its new state is committed.
// Dying after the server took the mail and before that commit leaves it
// pending: it goes out again, under the same Message-ID.
func (s *Sender) sendNext(ctx context.Context, server *server) (bool, error) {
	due := false
	err := s.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		var row Row
		err := tx.NewSelect().Model(&row).Where("state = ? AND next_try <= now()", Pending).
			OrderExpr("next_try").Limit(1).For("UPDATE SKIP LOCKED").Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("next mail: %w", err)
		}
		due = true
		row.Tries++
		if err := server.send(ctx, row); err != nil {
			s.retryLater(ctx, &row, err)
		} else {
			row.State, row.SentAt, row.LastError = Sent, time.Now(), ""
		}
		_, err = tx.NewUpdate().Model(&row).Column("state", "tries", "next_try", "last_error", "sent_at").WherePK().Exec(ctx)
		return err
	})
	return due, err
}

func (s *Sender) retryLater(ctx context.Context, row *Row, cause error) {
	row.LastError = cause.Error()
	row.NextTry = time.Now().Add(delay(row.Tries))
	level := slog.LevelWarn
	if refusedForGood(cause) || time.Since(row.CreatedAt) > giveUpAfter {
		row.State = Failed
		level = slog.LevelError
	}
	s.Log.Log(ctx, level, "mail not delivered", "import", row.ImportID, "message_id", row.MessageID, "try", row.Tries, "state", row.State, "error", cause)
}

// delay is how long a mail waits after its n-th try.
func delay(n int) time.Duration {
	d := firstDelay
	for ; n > 1 && d < longestDelay; n-- {
		d *= 2
	}
	return min(d, longestDelay)
}
