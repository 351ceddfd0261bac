package mail_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/mail"
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

// catcher is a real SMTP server that keeps what it is given.
type catcher struct {
	address string

	mu       sync.Mutex
	refusals []error
	mails    []*mail.Message
}

func newCatcher(t *testing.T, refusals ...error) *catcher {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c := &catcher{address: listener.Addr().String(), refusals: refusals}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return session{c}, nil }))
	server.Domain = "catcher.example"
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with Close below
	}()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		<-done
	})
	return c
}

func (c *catcher) caught() []*mail.Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mails
}

type session struct{ c *catcher }

func (session) Reset()        {}
func (session) Logout() error { return nil }

func (session) Mail(string, *smtp.MailOptions) error { return nil }

func (s session) Rcpt(string, *smtp.RcptOptions) error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if len(s.c.refusals) == 0 {
		return nil
	}
	err := s.c.refusals[0]
	s.c.refusals = s.c.refusals[1:]
	return err
}

func (s session) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	m.Body = strings.NewReader(string(body))
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.c.mails = append(s.c.mails, m)
	return nil
}

func newOutbox(t *testing.T) *bun.DB {
	t.Helper()
	db := postgrestest.New(t)
	require.NoError(t, postgres.Migrate(t.Context(), db,
		postgres.Migrations{Schema: "notify", Name: "notify", Files: os.DirFS("../../migrations")}))
	return db
}

func insert(t *testing.T, db *bun.DB, recipient string) *outbox.Row {
	t.Helper()
	row := &outbox.Row{
		ImportID: uuid.NewString(), Attempt: 1, MessageID: uuid.NewString() + "@usher.example",
		Recipient: recipient, Subject: "Event Lantern Days has been imported", Text: "Its id is 24.\n", State: outbox.Pending,
	}
	require.NoError(t, db.RunInTx(t.Context(), nil, row.Insert))
	return row
}

func run(t *testing.T, db *bun.DB, c *catcher) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	sender := outbox.Sender{DB: db, URL: "smtp://" + c.address, From: "usher@usher.example", Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	go func() { done <- sender.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-done)
	})
}

func stateOf(t *testing.T, db *bun.DB, id int64) outbox.Row {
	t.Helper()
	var row outbox.Row
	require.NoError(t, db.NewSelect().Model(&row).Where("id = ?", id).Scan(t.Context()))
	return row
}

func eventually(t *testing.T, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, 30*time.Second, 20*time.Millisecond)
}

func TestSenderDeliversWhatIsPending(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	row := insert(t, db, "olga@organizers.example")
	run(t, db, c)

	eventually(t, func() bool { return stateOf(t, db, row.ID).State == outbox.Sent })
	caught := c.caught()
	require.Len(t, caught, 1)
	require.Equal(t, "<"+row.MessageID+">", caught[0].Header.Get("Message-ID"))
	require.Equal(t, row.Subject, caught[0].Header.Get("Subject"))
	require.Contains(t, caught[0].Header.Get("To"), "olga@organizers.example")
	body, err := io.ReadAll(caught[0].Body)
	require.NoError(t, err)
	require.Contains(t, string(body), "Its id is 24.")
}

func TestTwoSendersDeliverEachMailOnce(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	for range 20 {
		insert(t, db, "olga@organizers.example")
	}
	run(t, db, c)
	run(t, db, c)

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

func TestMailThatIsRefusedForNowIsTriedAgain(t *testing.T) {
	t.Parallel()
	db := newOutbox(t)
	c := newCatcher(t, &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "try later"})
	row := insert(t, db, "olga@organizers.example")
	run(t, db, c)

	eventually(t, func() bool { return stateOf(t, db, row.ID).Tries == 1 })
	waiting := stateOf(t, db, row.ID)
	require.Equal(t, outbox.Pending, waiting.State)
	require.NotEmpty(t, waiting.LastError)
	require.True(t, waiting.NextTry.After(waiting.CreatedAt))

	// Its time has come.
	_, err := db.NewUpdate().Model((*outbox.Row)(nil)).Set("next_try = now()").Where("id = ?", row.ID).Exec(t.Context())
	require.NoError(t, err)
	eventually(t, func() bool { return stateOf(t, db, row.ID).State == outbox.Sent })
	require.Equal(t, "<"+row.MessageID+">", c.caught()[0].Header.Get("Message-ID"))
}

func TestMailThatIsRefusedForGoodIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	db := newOutbox(t)
	c := newCatcher(t, &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such person"})
	row := insert(t, db, "nobody@organizers.example")
	run(t, db, c)

	eventually(t, func() bool { return stateOf(t, db, row.ID).State == outbox.Failed })
	require.Empty(t, c.caught())
}

func TestSenderWithoutAUsableServerSaysSoWithoutThePassword(t *testing.T) {
	t.Parallel()
	sender := outbox.Sender{URL: "http://me:secret@mail.example", From: "usher@usher.example"}
	err := sender.Run(t.Context())
	require.ErrorContains(t, err, "USHER_SMTP_URL")
	require.NotContains(t, err.Error(), "secret")
}
