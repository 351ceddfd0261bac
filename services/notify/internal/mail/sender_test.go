package mail_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	outbox "github.com/usher-events/usher/services/notify/internal/mail"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

// later and never are a server's answers about one mail.
var (
	later = &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try later"}
	never = &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such person"}
)

func newOutbox(t *testing.T) *bun.DB {
	t.Helper()
	db := postgrestest.New(t)
	require.NoError(t, postgres.Migrate(t.Context(), db,
		postgres.Migrations{Schema: "notify", Name: "notify", Files: os.DirFS("../../migrations")}))
	return db
}

func insert(t *testing.T, db *bun.DB, recipient string, change ...func(*outbox.Row)) *outbox.Row {
	t.Helper()
	row := &outbox.Row{
		ImportID: uuid.NewString(), Attempt: 1, MessageID: uuid.NewString() + "@usher.example",
		Recipient: recipient, Subject: "Event Lantern Days has been imported", Text: "Its id is 24.\n", HTML: "<p>Its id is 24.</p>\n",
		State: outbox.Pending,
	}
	for _, f := range change {
		f(row)
	}
	require.NoError(t, db.RunInTx(t.Context(), nil, row.Insert))
	return row
}

// running is a sender at work.
type running struct {
	logged *syncBuffer
	// stop ends it, with what it is at.
	stop func()
}

func run(t *testing.T, db *bun.DB, address string) running {
	t.Helper()
	return runAs(t, db, address, nil)
}

func runAs(t *testing.T, db *bun.DB, address string, user *url.Userinfo) running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	r := running{logged: new(syncBuffer)}
	sender := outbox.Sender{
		DB: db, URL: (&url.URL{Scheme: "smtp", User: user, Host: address}).String(), From: "Usher <mail@usher.example>",
		Log:   slog.New(slog.NewTextHandler(io.MultiWriter(r.logged, t.Output()), nil)),
		Write: written, FirstDelay: time.Millisecond, LookEvery: time.Millisecond,
	}
	go func() { done <- sender.Run(ctx) }()
	r.stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(t, <-done)
	})
	t.Cleanup(r.stop)
	return r
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func stateOf(t *testing.T, db *bun.DB, id int64) outbox.Row {
	t.Helper()
	var row outbox.Row
	require.NoError(t, db.NewSelect().Model(&row).Where("id = ?", id).Scan(t.Context()))
	return row
}

// itsTimeHasCome makes a mail due, as the clock would.
func itsTimeHasCome(t *testing.T, db *bun.DB, id int64) {
	t.Helper()
	_, err := db.NewRaw("UPDATE notify.mails SET next_try = now() WHERE id = ?", id).Exec(t.Context())
	require.NoError(t, err)
}

func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, 30*time.Second, 20*time.Millisecond)
}

// parts reads the two parts of a mail, decoded.
func parts(t *testing.T, m *mail.Message) (text, html string) {
	t.Helper()
	media, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/alternative", media)
	reader := multipart.NewReader(m.Body, params["boundary"])
	var all []string
	for _, want := range []string{"text/plain", "text/html"} {
		part, err := reader.NextRawPart()
		require.NoError(t, err)
		media, params, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		require.NoError(t, err)
		require.Equal(t, want, media)
		require.Equal(t, "utf-8", strings.ToLower(params["charset"]))
		require.Equal(t, "quoted-printable", part.Header.Get("Content-Transfer-Encoding"))
		content, err := io.ReadAll(quotedprintable.NewReader(part))
		require.NoError(t, err)
		all = append(all, strings.ReplaceAll(string(content), "\r\n", "\n"))
	}
	_, err = reader.NextRawPart()
	require.ErrorIs(t, err, io.EOF)
	return all[0], all[1]
}

func TestSenderDeliversWhatIsPending(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	row := insert(t, db, "olga@organizers.example", func(r *outbox.Row) {
		r.Subject, r.Text, r.HTML = "Event 灯の日々 has been imported", "灯\n", "<p>灯</p>\n"
	})
	run(t, db, c.address)

	eventually(t, func() bool { return stateOf(t, db, row.ID).State == outbox.Sent })
	caught := c.caught()
	require.Len(t, caught, 1)
	header := caught[0].Header
	require.Equal(t, "<"+row.MessageID+">", header.Get("Message-ID"))
	subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, row.Subject, subject)
	from, err := header.AddressList("From")
	require.NoError(t, err)
	require.Equal(t, []*mail.Address{{Name: "Usher", Address: "mail@usher.example"}}, from)
	to, err := header.AddressList("To")
	require.NoError(t, err)
	require.Equal(t, []*mail.Address{{Address: "olga@organizers.example"}}, to)
	date, err := header.Date()
	require.NoError(t, err)
	require.Equal(t, stateOf(t, db, row.ID).CreatedAt.Unix(), date.Unix(), "a mail that is sent again has the same date")
	require.Equal(t, "auto-generated", header.Get("Auto-Submitted"))
	require.Empty(t, header.Get("User-Agent")+header.Get("X-Mailer"))
	text, html := parts(t, caught[0])
	require.Equal(t, row.Text, text)
	require.Equal(t, row.HTML, html)
	require.Equal(t, 1, stateOf(t, db, row.ID).Tries)
	require.NotZero(t, stateOf(t, db, row.ID).SentAt)
}

func TestTwoSendersDeliverEachMailOnce(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	for range 20 {
		insert(t, db, "olga@organizers.example")
	}
	run(t, db, c.address)
	run(t, db, c.address)

	eventually(t, func() bool {
		n, err := db.NewSelect().Model((*outbox.Row)(nil)).Where("state = ?", outbox.Sent).Count(t.Context())
		return err == nil && n == 20
	})
	ids := make(map[string]bool)
	for _, m := range c.caught() {
		ids[m.Header.Get("Message-ID")] = true
	}
	require.Len(t, c.caught(), 20)
	require.Len(t, ids, 20)
}

func TestMailThatIsRefusedForNowIsTriedAgainAndArrivesOnce(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t, later, later, later)
	row := insert(t, db, "olga@organizers.example")
	r := run(t, db, c.address)

	eventually(t, func() bool { return stateOf(t, db, row.ID).State == outbox.Sent })
	require.Equal(t, 4, stateOf(t, db, row.ID).Tries)
	require.Empty(t, stateOf(t, db, row.ID).LastError)
	require.Len(t, c.caught(), 1)
	require.Equal(t, "<"+row.MessageID+">", c.caught()[0].Header.Get("Message-ID"))
	require.Equal(t, 3, strings.Count(r.logged.String(), "mail not delivered"))
	require.Contains(t, r.logged.String(), "try later")
}

func TestMailThatIsRefusedForGoodIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	for name, of := range map[string]struct {
		recipient string
		refusals  []error
	}{
		"by the server":   {"nobody@organizers.example", []error{never}},
		"for its address": {"nobody", nil}, // no server hears of it
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, c := newOutbox(t), newCatcher(t, of.refusals...)
			row := insert(t, db, of.recipient)
			r := run(t, db, c.address)

			eventually(t, func() bool { return stateOf(t, db, row.ID).State == outbox.Failed })
			itsTimeHasCome(t, db, row.ID)
			after := insert(t, db, "olga@organizers.example")
			eventually(t, func() bool { return stateOf(t, db, after.ID).State == outbox.Sent })
			require.Len(t, c.caught(), 1)
			failed := stateOf(t, db, row.ID)
			require.Equal(t, 1, failed.Tries)
			require.NotEmpty(t, failed.LastError)
			require.NotContains(t, failed.LastError+r.logged.String(), "nobody@")
		})
	}
}

func TestMailThatIsTooOldIsGivenUp(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t, later)
	row := insert(t, db, "olga@organizers.example", func(r *outbox.Row) { r.CreatedAt = time.Now().Add(-6 * 24 * time.Hour) })
	run(t, db, c.address)
	eventually(t, func() bool { return stateOf(t, db, row.ID).State == outbox.Failed })
}

func TestServerThatIsNotThereIsWaitedFor(t *testing.T) {
	t.Parallel()
	c := newCatcher(t)
	c.change(func() { c.away = true })
	db := newOutbox(t)
	rows := []*outbox.Row{insert(t, db, "olga@organizers.example"), insert(t, db, "paul@organizers.example")}
	run(t, db, c.address)
	eventually(t, func() bool {
		return stateOf(t, db, rows[0].ID).Tries+stateOf(t, db, rows[1].ID).Tries > 2
	})
	for _, row := range rows {
		require.Equal(t, outbox.Pending, stateOf(t, db, row.ID).State)
	}

	c.change(func() { c.away = false })
	eventually(t, func() bool {
		return stateOf(t, db, rows[0].ID).State == outbox.Sent && stateOf(t, db, rows[1].ID).State == outbox.Sent
	})
	require.Len(t, c.caught(), 2)
}

func TestMailThatWasTakenIsSentWhateverTheServerDoesThen(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	c.change(func() { c.hangsUp = true })
	row := insert(t, db, "olga@organizers.example")
	run(t, db, c.address)
	eventually(t, func() bool { return stateOf(t, db, row.ID).State == outbox.Sent })
	after := insert(t, db, "olga@organizers.example")
	eventually(t, func() bool { return stateOf(t, db, after.ID).State == outbox.Sent })
	require.Len(t, c.caught(), 2)
}

func TestNoTransactionIsOpenWhileTheServerIsTalkedTo(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	inside, release := make(chan struct{}), make(chan struct{})
	c.received = func(*mail.Message) error {
		close(inside)
		<-release
		return nil
	}
	row := insert(t, db, "olga@organizers.example")
	run(t, db, c.address)
	<-inside
	var open int
	require.NoError(t, db.NewRaw(`SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'
		AND state LIKE 'idle in transaction%'`).Scan(t.Context(), &open))
	require.Zero(t, open)
	_, err := db.NewRaw("SELECT 1 FROM notify.mails WHERE id = ? FOR UPDATE NOWAIT", row.ID).Exec(t.Context())
	require.NoError(t, err, "nobody holds the row")
	require.Equal(t, 1, stateOf(t, db, row.ID).Tries, "the try is counted before the server hears of it")
	close(release)
	eventually(t, func() bool { return stateOf(t, db, row.ID).State == outbox.Sent })
}

func TestMailOfASenderThatDiedGoesOutUnderTheSameID(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	// As it stands after a kill in the middle of a delivery: taken, and neither sent nor failed.
	row := insert(t, db, "olga@organizers.example", func(r *outbox.Row) { r.Tries, r.NextTry = 1, time.Now().Add(time.Hour) })
	other := insert(t, db, "paul@organizers.example")
	run(t, db, c.address)
	eventually(t, func() bool { return stateOf(t, db, other.ID).State == outbox.Sent })
	require.Len(t, c.caught(), 1, "nobody touches it before its lease has ended")

	itsTimeHasCome(t, db, row.ID)
	eventually(t, func() bool { return stateOf(t, db, row.ID).State == outbox.Sent })
	require.Equal(t, "<"+row.MessageID+">", c.caught()[1].Header.Get("Message-ID"))
	require.Equal(t, 2, stateOf(t, db, row.ID).Tries)
}

func TestFailureOfASenderThatIsLateChangesNothing(t *testing.T) {
	t.Parallel()
	db, slow := newOutbox(t), newCatcher(t)
	inside, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	slow.received = func(*mail.Message) error {
		once.Do(func() { close(inside) })
		<-release
		return never
	}
	row := insert(t, db, "olga@organizers.example")
	late := run(t, db, slow.address)
	<-inside

	// Its lease has ended, as after a long stop, and another one takes the mail.
	c := newCatcher(t, later)
	itsTimeHasCome(t, db, row.ID)
	run(t, db, c.address)
	eventually(t, func() bool { return stateOf(t, db, row.ID).State == outbox.Sent })
	close(release)
	late.stop()
	require.Contains(t, late.logged.String(), "mail not delivered")
	require.Equal(t, outbox.Sent, stateOf(t, db, row.ID).State)
}

func TestStoppingWaitsForADialogueThatHasBegun(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	inside, release := make(chan struct{}), make(chan struct{})
	c.received = func(*mail.Message) error {
		close(inside)
		<-release
		return nil
	}
	row := insert(t, db, "olga@organizers.example")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	sender := outbox.Sender{DB: db, URL: "smtp://" + c.address, From: "mail@usher.example", Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	go func() { done <- sender.Run(ctx) }()
	<-inside
	cancel()
	close(release)
	require.NoError(t, <-done)
	require.Equal(t, outbox.Sent, stateOf(t, db, row.ID).State)
}

func TestSecretsThatAServerRepeatsAreNotKept(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	user := url.UserPassword("me@usher.example", "s/cret word")
	asked := make(chan struct{}, 1000)
	c.signIn = func(response []byte) error {
		select {
		case asked <- struct{}{}:
		default:
		}
		plain := base64.StdEncoding.EncodeToString([]byte("\x00me@usher.example\x00s/cret word"))
		return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8},
			Message: "not with " + user.String() + ", s/cret word, " + plain + " nor " + string(response)}
	}
	row := insert(t, db, "olga@organizers.example")
	r := runAs(t, db, c.address, user)
	<-asked
	<-asked
	eventually(t, func() bool { return stateOf(t, db, row.ID).LastError != "" })
	waiting := stateOf(t, db, row.ID)
	require.Equal(t, outbox.Pending, waiting.State, "wrong settings are no reason to give a mail up")
	for _, text := range []string{waiting.LastError, r.logged.String()} {
		require.Contains(t, text, "535")
		for _, secret := range []string{"me@usher", "me%40usher", "s/cret", "s%2Fcret", "AG1lQHVzaG"} {
			require.NotContains(t, text, secret)
		}
	}
}

func TestHeadersCannotBeInjected(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	for _, name := range []string{
		"Lantern\r\nBcc: everybody@else.example", "Lantern\r\n\r\nbody", "Lantern\nX-Evil: 1", "Lantern\rX-Evil: 1",
		"=?utf-8?q?Lantern=0D=0ABcc:_everybody@else.example?=", "\u202eLantern\x01", strings.Repeat("Lantern ", 500), strings.Repeat("灯", 500),
	} {
		insert(t, db, "olga@organizers.example", func(r *outbox.Row) { r.Subject = "Event " + name + " has been imported" })
	}
	run(t, db, c.address)
	eventually(t, func() bool { return len(c.caught()) == 8 })
	for _, m := range c.caught() {
		for header := range m.Header {
			require.Contains(t, []string{
				"Message-Id", "Date", "Auto-Submitted", "Subject", "From", "To", "Content-Type", "Mime-Version",
			}, header)
		}
		require.Len(t, m.Header["Subject"], 1)
		text, html := parts(t, m)
		require.Equal(t, "Its id is 24.\n", text)
		require.Equal(t, "<p>Its id is 24.</p>\n", html)
	}
}

func TestRecipientCannotBeMoreThanOne(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	var rows []*outbox.Row
	for _, recipient := range []string{"a@x.example, b@x.example", "a@x.example\r\nBcc: b@x.example", "<a@x.example> <b@x.example>", ""} {
		rows = append(rows, insert(t, db, recipient))
	}
	run(t, db, c.address)
	for _, row := range rows {
		eventually(t, func() bool { return stateOf(t, db, row.ID).State == outbox.Failed })
	}
	require.Empty(t, c.caught())
}

func TestSenderWithoutAUsableServerSaysSoWithoutThePassword(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"http://me:secret@mail.example", "smtp://me:secret@", "smtp://me:sec%zzret@mail.example", "smtp://me:sec%FFret@mail.example", "smtp://me:secret@mail.example:0", "smtp://me:secret@mail.example:99999",
	} {
		sender := outbox.Sender{URL: address, From: "usher@usher.example"}
		err := sender.Run(t.Context())
		require.ErrorContains(t, err, "USHER_SMTP_URL", address)
		require.NotContains(t, err.Error(), "sec")
	}
	err := (&outbox.Sender{URL: "smtp://mail.example", From: "usher"}).Run(t.Context())
	require.ErrorContains(t, err, "USHER_MAIL_FROM")
}
