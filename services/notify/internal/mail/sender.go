package mail

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
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
	// longestRest bounds how long the sender waits for a server that is not there.
	longestRest = time.Minute
	// giveUpAfter is how long a mail is tried, as mail servers do among themselves.
	giveUpAfter = 5 * 24 * time.Hour
	// connections is how many mails are on their way at once: servers take as many
	// from one sender.
	connections = 4
	// lease is for how long whoever takes a mail has it to itself. No delivery
	// takes as long, so that nobody else takes it before that one has ended.
	lease = (phases + 1) * phaseTimeout
	// recordTimeout bounds writing down how a delivery went.
	recordTimeout = 10 * time.Second
)

// Sender delivers what is pending. Any number of them may run: each mail is
// taken by one of them, and no transaction is open while it talks to the server.
type Sender struct {
	DB *bun.DB
	// URL names the server: smtp://user:password@host:587 or smtps://host:465.
	URL string
	// From is the sender's address.
	From string
	Log  *slog.Logger
	// Deliveries measures; nil measures nothing. Tracer traces; nil traces nothing.
	Deliveries *Deliveries
	Tracer     *Tracer
	// Write gives the row of an invitation its words, and the secret among them.
	Write func(*Row) error
	// FirstDelay is how long a mail waits after its first try that failed, and
	// the sender after a server that is not there; each further wait is twice
	// the one before. 0 is five seconds.
	FirstDelay time.Duration
	// LookEvery is how often the sender looks for mails that are due; 0 is one second.
	LookEvery time.Duration
}

// Run delivers mails until ctx is cancelled.
func (s *Sender) Run(ctx context.Context) error {
	server, err := newServer(s.URL, s.From)
	if err != nil {
		return err
	}
	outages := 0
	for {
		err := s.sendDue(ctx, server)
		if err != nil && !errors.Is(err, errAway) && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "mails are not looked for now", "error", err)
		}
		wait := cmp.Or(s.LookEvery, lookEvery)
		if err == nil {
			outages = 0
		} else {
			// What is not there is not there for the other mails either.
			outages++
			wait = min(s.delay(outages), longestRest)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// sendDue tries each mail that is due, and returns errAway where the server is not there.
// One mail goes first, to see whether it is, and then as many at once as there are
// connections: of a list there may be very many invitations.
func (s *Sender) sendDue(ctx context.Context, server *server) error {
	lines := make([]*line, connections)
	for n := range lines {
		lines[n] = &line{server: server}
		defer lines[n].hangUp()
	}
	if err := s.sendNext(ctx, lines[0]); err != nil {
		return unlessDone(err)
	}
	errs := make([]error, connections)
	var group sync.WaitGroup
	for n, l := range lines {
		group.Go(func() {
			for errs[n] == nil && ctx.Err() == nil {
				errs[n] = s.sendNext(ctx, l)
			}
		})
	}
	group.Wait()
	// A server that takes fewer connections is there all the same: one of them has
	// come to the last mail.
	if slices.ContainsFunc(errs, func(err error) bool { return errors.Is(err, sql.ErrNoRows) }) {
		errs = slices.DeleteFunc(errs, func(err error) bool { return errors.Is(err, errAway) })
	}
	for _, err := range errs {
		if err := unlessDone(err); err != nil {
			return err
		}
	}
	return nil
}

// errAway says that the server is not there, for no mail.
var errAway = errors.New("the mail server is not there")

// unlessDone makes nothing of the error that says that no mail is due.
func unlessDone(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// sendNext tries the mail that is due first. It returns sql.ErrNoRows where there is none
// and errAway where the server is not there; a mail that the server does not take is no
// error.
func (s *Sender) sendNext(ctx context.Context, l *line) error {
	row, err := s.take(ctx)
	if err != nil {
		return err
	}
	if row.Invitee != "" {
		if err := s.Write(&row); err != nil {
			return err
		}
	}
	failed := s.deliver(ctx, l, row)
	// How it went is written down also when the process is stopping.
	if err := s.record(context.WithoutCancel(ctx), row, failed); err != nil {
		return err
	}
	if failed != nil && failed.verdict == outage {
		return errAway
	}
	return nil
}

// deliver sends a mail, measured and traced.
func (s *Sender) deliver(ctx context.Context, l *line, row Row) *failure {
	ctx, span := s.Tracer.begin(ctx, row)
	began := time.Now()
	failed := l.send(ctx, row)
	s.Deliveries.delivered(began, resultOf(failed))
	end(span, failed)
	return failed
}

// take gives the mail that is due longest to this sender, for the time of the
// lease, and counts the try; invitations come after all others. That is committed
// before the server hears of the mail: a sender that dies leaves a mail that is due
// again after the lease, and goes out again, under the same Message-ID.
func (s *Sender) take(ctx context.Context) (Row, error) {
	var row Row
	err := s.DB.NewRaw(`UPDATE notify.mails SET tries = tries + 1, next_try = now() + ? * interval '1 second'
		WHERE id = (SELECT id FROM notify.mails WHERE state = ? AND next_try <= now()
			ORDER BY invitee IS NOT NULL, next_try, id LIMIT 1 FOR UPDATE SKIP LOCKED)
		RETURNING *`, lease.Seconds(), Pending).Scan(ctx, &row)
	if err != nil {
		return row, fmt.Errorf("next mail: %w", err)
	}
	return row, nil
}

// record writes down how a try went. What was delivered is sent, whoever else
// has the mail by now; a failure counts only while nobody took the mail since,
// which would have counted another try.
func (s *Sender) record(ctx context.Context, row Row, failed *failure) error {
	ctx, cancel := context.WithTimeout(ctx, recordTimeout)
	defer cancel()
	if failed == nil {
		_, err := s.DB.NewRaw(`UPDATE notify.mails SET state = ?, sent_at = now(), last_error = '' WHERE id = ? AND state <> ?`,
			Sent, row.ID, Sent).Exec(ctx)
		if err != nil {
			return fmt.Errorf("mail was sent: %w", err)
		}
		return nil
	}
	state, wait, level := Pending, s.delay(row.Tries), slog.LevelWarn
	if failed.verdict == outage {
		wait = 0 // the sender waits, and takes any mail then
	}
	if failed.verdict == refused || time.Since(row.CreatedAt) > giveUpAfter {
		state, level = Failed, slog.LevelError
	}
	s.Log.Log(ctx, level, "mail not delivered",
		"import", row.ImportID, "message_id", row.MessageID, "try", row.Tries, "state", state, "error", failed.text)
	_, err := s.DB.NewRaw(`UPDATE notify.mails SET state = ?, last_error = ?, next_try = now() + ? * interval '1 second'
		WHERE id = ? AND state = ? AND tries = ?`,
		state, failed.text, wait.Seconds(), row.ID, Pending, row.Tries).Exec(ctx)
	if err != nil {
		return fmt.Errorf("mail was not sent: %w", err)
	}
	return nil
}

// delay is how long to wait after the n-th failure.
func (s *Sender) delay(n int) time.Duration {
	d := cmp.Or(s.FirstDelay, firstDelay)
	for ; n > 1 && d < longestDelay; n-- {
		d *= 2
	}
	return min(d, longestDelay)
}
