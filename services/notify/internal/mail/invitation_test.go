package mail_test

import (
	"fmt"
	"net/mail"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	outbox "github.com/usher-events/usher/services/notify/internal/mail"
)

// tokenOf is what stands nowhere but in the mail to somebody.
func tokenOf(nick string) string { return "token-of-" + nick }

// written stands for what writes invitations.
func written(row *outbox.Row) error {
	row.Secret = tokenOf(row.Nick)
	row.Text, row.HTML = "Hello "+row.Secret+"\n", "<p>Hello "+row.Secret+"</p>\n"
	return nil
}

// invite writes the mails of invitations of one import.
func invite(t *testing.T, db *bun.DB, n int) {
	t.Helper()
	_, err := db.NewRaw(`INSERT INTO notify.mails (import_id, attempt, message_id, recipient, subject, invitee, nick, invitation, state)
		SELECT ?, 1, 'invitation.' || n || '.1@usher.example', 'crew' || n || '@crew.example', 'Your account', gen_random_uuid(), 'crew' || n, 1, 'pending'
		FROM generate_series(1, ?) AS n`, uuid.NewString(), n).Exec(t.Context())
	require.NoError(t, err)
}

func unsent(t *testing.T, db *bun.DB) int64 {
	t.Helper()
	n, err := db.NewSelect().Model((*outbox.Row)(nil)).Where("state <> ?", outbox.Sent).Count(t.Context())
	require.NoError(t, err)
	return n
}

func TestInvitationIsWrittenWhenItIsSent(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	invite(t, db, 1)
	run(t, db, c.address)
	eventually(t, func() bool { return unsent(t, db) == 0 })
	text, html := parts(t, c.caught()[0])
	require.Equal(t, "Hello token-of-crew1\n", text)
	require.Equal(t, "<p>Hello token-of-crew1</p>\n", html)
	var row string
	require.NoError(t, db.NewRaw("SELECT m::text FROM notify.mails m").Scan(t.Context(), &row))
	require.NotContains(t, row, tokenOf("crew1"))
}

func TestManyInvitationsShareConnectionsAndEachArrivesOnce(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	const many = 500
	invite(t, db, many)
	begun := time.Now()
	run(t, db, c.address)
	eventually(t, func() bool { return unsent(t, db) == 0 })
	t.Logf("%d invitations in %s", many, time.Since(begun))
	ids := make(map[string]bool)
	for _, m := range c.caught() {
		ids[m.Header.Get("Message-ID")] = true
	}
	require.Len(t, ids, many)
	require.Len(t, c.caught(), many)
	require.Less(t, c.connections(), many/10, "a connection carries many mails")
	require.Greater(t, c.mostAtOnce(), 1)
}

func TestMailOfAnImportGoesBeforeInvitationsThatWaitForLonger(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	invite(t, db, 100)
	told := insert(t, db, "olga@organizers.example")
	run(t, db, c.address)
	eventually(t, func() bool { return unsent(t, db) == 0 })
	require.Equal(t, "<"+told.MessageID+">", c.caught()[0].Header.Get("Message-ID"))
}

func TestServerThatHangsUpBetweenMailsCostsNoTry(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	c.change(func() { c.tires = true })
	invite(t, db, 30)
	run(t, db, c.address)
	eventually(t, func() bool { return unsent(t, db) == 0 })
	require.Len(t, c.caught(), 30)
	require.GreaterOrEqual(t, c.connections(), 30)
	var tries int
	require.NoError(t, db.NewRaw("SELECT sum(tries) FROM notify.mails").Scan(t.Context(), &tries))
	require.Equal(t, 30, tries)
}

func TestServerThatTakesOneConnectionOnlyGetsAllMails(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	c.change(func() { c.most = 1 })
	invite(t, db, 60)
	run(t, db, c.address)
	eventually(t, func() bool { return unsent(t, db) == 0 })
	require.Len(t, c.caught(), 60)
}

func TestTokenThatAServerRepeatsIsNotKept(t *testing.T) {
	t.Parallel()
	db, c := newOutbox(t), newCatcher(t)
	c.received = func(*mail.Message) error {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "a bad link: http://x/#" + tokenOf("crew1")}
	}
	invite(t, db, 1)
	r := run(t, db, c.address)
	var row outbox.Row
	eventually(t, func() bool {
		require.NoError(t, db.NewSelect().Model(&row).Scan(t.Context()))
		return row.State == outbox.Failed
	})
	require.Contains(t, row.LastError, "a bad link")
	require.NotContains(t, row.LastError+r.logged.String(), tokenOf("crew1"))
}

func TestMailHasWordsOrAnInvitation(t *testing.T) {
	t.Parallel()
	db := newOutbox(t)
	for _, columns := range []string{
		"NULL, NULL, NULL, NULL, NULL", "'x', NULL, NULL, NULL, NULL", "'x', 'x', gen_random_uuid(), 'ada', 1", "NULL, NULL, gen_random_uuid(), 'ada', NULL",
	} {
		_, err := db.ExecContext(t.Context(), fmt.Sprintf(`INSERT INTO notify.mails (import_id, attempt, message_id, recipient, subject, state, text, html, invitee, nick, invitation)
			VALUES (gen_random_uuid(), 1, 'x', 'x', 'x', 'kept', %s)`, columns))
		require.ErrorContains(t, err, "mails_words", columns)
	}
}
