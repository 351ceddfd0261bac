package invitation

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/services/notify/internal/mail"
)

const (
	// lookEvery is how often it is looked for people who were invited again, and
	// rest how long nobody looks after a look that failed.
	lookEvery = 2 * time.Second
	rest      = time.Minute
)

// Again mails those whom an administrator has invited again. Their newer number in
// api_invitations is all that says so: there is no message that could be lost, and of
// any number of processes that look, one writes the mail.
type Again struct {
	DB     *bun.DB
	Config Config
	Log    *slog.Logger
}

// Run looks for them until ctx is cancelled.
func (a Again) Run(ctx context.Context) error {
	wait := lookEvery
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		wait = lookEvery
		if err := a.Look(ctx); err != nil && ctx.Err() == nil {
			a.Log.WarnContext(ctx, "who was invited again is not looked for now", "error", err)
			wait = rest
		}
	}
}

// Look writes the mails that are missing. Who was invited again before the import had
// ended is told at its end, like the others. Mails of earlier invitations that have not
// left are given up: their links are dead.
func (a Again) Look(ctx context.Context) error {
	state := mail.Kept
	if a.Config.SendMail {
		state = mail.Pending
	}
	err := a.DB.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		// The fence is there from the end of the import on. With it in hand a command
		// that takes the import back waits, and then finds the mail.
		written, err := tx.NewRaw(`INSERT INTO notify.mails (import_id, attempt, message_id, recipient, subject, invitee, nick, invitation, state)
			SELECT i.import_id, i.attempt, ?, i.email, ?, i.subject, i.nick, i.number, ?
			FROM people.api_invitations AS i JOIN notify.import_fence AS f USING (import_id)
			WHERE i.number > 1 AND f.state = 'live'
				AND NOT EXISTS (SELECT FROM notify.mails AS m WHERE m.invitee = i.subject AND m.invitation = i.number)
			FOR SHARE OF f
			ON CONFLICT DO NOTHING`,
			messageID(a.Config), a.Config.subject(), state).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := written.RowsAffected(); err != nil || n == 0 {
			return err
		}
		_, err = tx.NewRaw(`UPDATE notify.mails AS m SET state = ?, last_error = 'Another invitation has taken its place.'
			WHERE m.invitee IS NOT NULL AND m.state IN (?, ?)
				AND EXISTS (SELECT FROM notify.mails AS n WHERE n.invitee = m.invitee AND n.invitation > m.invitation)`,
			mail.Failed, mail.Held, mail.Pending).Exec(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("people who were invited again: %w", err)
	}
	return nil
}
