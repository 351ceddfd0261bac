package standalone_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	spreadsheet "github.com/usher-events/usher/pkg/table"
)

// listRows is how many rows the list has whose processes are killed: 100,000 take
// minutes, and are asked for by USHER_TEST_ROWS.
func listRows(t *testing.T) int {
	t.Helper()
	asked := os.Getenv("USHER_TEST_ROWS")
	if asked == "" {
		return 2000
	}
	n, err := strconv.Atoi(asked)
	require.NoError(t, err)
	return n
}

func TestKillsInTheMiddleOfAListLeaveOneAccountAndOneInvitationForEachRow(t *testing.T) {
	t.Parallel()
	const connections = 4
	rows, smtp := listRows(t), newCatcher(t)
	release := smtp.busyAfter(t, 500)
	c := clusterOn(t, startBroker(t), testDatabase(t), "file://"+t.TempDir(), "USHER_SMTP_URL=smtp://"+smtp.address)
	db := openDatabase(t, c.databaseURL)
	front := c.run(t, "ingest", "query")
	people, notify := c.run(t, "people"), c.run(t, "notify")
	admin := api{url: front.url, token: output(t, c.env, "token", "--email", "operator@admins.example", "--admin")}

	// A nick that another transaction holds keeps a list from its end that is too short
	// for progress to be told of it.
	held, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = held.NewRaw("INSERT INTO people.users (nick, email, nick_key, email_key, password_hash) VALUES ('x', 'x', ?, 'x', 'x')",
		fmt.Sprintf("angel%d", rows-1)).Exec(t.Context())
	require.NoError(t, err)
	var list strings.Builder
	list.WriteString("nick,email\n")
	for n := range rows {
		fmt.Fprintf(&list, "angel%d,angel%d@crew.example\n", n, n)
	}
	id := admin.uploadList(t, list.String())
	task := admin.awaitTask(t, id, func(task contracts.Task) bool {
		return task.State.Final() || task.Progress[contracts.Users].Done > 0 || waitsForAnother(t, db)
	})
	require.False(t, task.State.Final(), task.Message)
	t.Logf("people killed at: %s %s", task.State, task.Message)
	people.kill(t)
	require.NoError(t, held.Rollback())
	require.Zero(t, howMany(t, db, "people.users"), "all of them or none")

	begin := time.Now()
	c.run(t, "people")
	require.Eventually(t, func() bool { return len(smtp.caught(t)) >= 500+connections }, patience, glance)
	notify.kill(t)
	release()
	require.Equal(t, 500, howMany(t, db, "notify.mails WHERE state = 'sent'"))
	t.Logf("notify killed after 500 mails, %s after the start of people", time.Since(begin))
	// The leases of the process that was killed end, as they would by themselves.
	_, err = db.NewRaw("UPDATE notify.mails SET next_try = now() WHERE state = 'pending'").Exec(t.Context())
	require.NoError(t, err)
	c.run(t, "notify")
	result := admin.succeeded(t, id)
	require.Equal(t, &contracts.Accounts{Created: rows, Invited: rows}, result.Accounts)
	for left := rows; left > 0; { // however many there are, as long as some go out
		was := left
		require.Eventually(t, func() bool {
			left = howMany(t, db, "notify.mails WHERE state <> 'sent'")
			return left < was || left == 0
		}, patience, 50*time.Millisecond)
	}
	t.Logf("all of them sent %s after the start of people", time.Since(begin))

	require.Equal(t, rows, howMany(t, db, "people.users"))
	require.Equal(t, rows, howMany(t, db, "people.users WHERE import_id IS NOT NULL AND invitation = 1"))
	require.Equal(t, rows, howMany(t, db, "notify.mails WHERE invitee IS NOT NULL"))
	sent := smtp.invitationIDs(t)
	require.Len(t, sent, rows)
	var known []string
	require.NoError(t, db.NewRaw("SELECT '<' || message_id || '>' FROM notify.mails WHERE invitee IS NOT NULL").Scan(t.Context(), &known))
	again := 0
	for _, id := range known {
		require.Positive(t, sent[id], id)
		again += sent[id] - 1
	}
	require.LessOrEqual(t, again, connections, "only what was on its way comes again")
}

func TestKillAmidAnAttemptWithMendedRowsLeavesOneAccountAndOneInvitationForEach(t *testing.T) {
	t.Parallel()
	const good, bad = 20, 30
	smtp := newCatcher(t)
	c := clusterOn(t, startBroker(t), testDatabase(t), "file://"+t.TempDir(), "USHER_SMTP_URL=smtp://"+smtp.address)
	db := openDatabase(t, c.databaseURL)
	front := c.run(t, "ingest", "query", "notify")
	people := c.run(t, "people")
	admin := api{url: front.url, token: output(t, c.env, "token", "--email", "operator@admins.example", "--admin")}
	var list strings.Builder
	list.WriteString("nick,email\n")
	for n := range good {
		fmt.Fprintf(&list, "angel%d,angel%d@crew.example\n", n, n)
	}
	for n := range bad {
		fmt.Fprintf(&list, "late%d,nowhere\n", n)
	}
	id := admin.sendList(t, "/v1/users/import/csv?mode=lenient", "crew.csv", []byte(list.String()), http.StatusAccepted)
	require.Equal(t, &contracts.Accounts{Created: good, Failed: bad, Invited: good}, admin.succeeded(t, id).Accounts)
	rows := rowsOf(t, admin.download(t, "/v1/imports/"+id+"/failed-rows?format=csv"), spreadsheet.CSV)
	for i := range bad {
		rows[i+1][1] = rows[i+1][0] + "@crew.example"
	}
	var mended bytes.Buffer
	require.NoError(t, csv.NewWriter(&mended).WriteAll(rows))

	// A nick that another transaction holds keeps the attempt from its end.
	held, err := db.BeginTx(t.Context(), nil)
	require.NoError(t, err)
	_, err = held.NewRaw("INSERT INTO people.users (nick, email, nick_key, email_key, password_hash) VALUES ('x', 'x', ?, 'x', 'x')",
		fmt.Sprintf("late%d", bad-1)).Exec(t.Context())
	require.NoError(t, err)
	admin.sendList(t, "/v1/imports/"+id+"/rows/csv", "failed-rows.csv", mended.Bytes(), http.StatusAccepted)
	require.Eventually(t, func() bool { return waitsForAnother(t, db) }, patience, time.Millisecond)
	people.kill(t)
	require.NoError(t, held.Rollback())
	require.Equal(t, good, howMany(t, db, "people.users"), "those of the first attempt")
	require.Equal(t, bad, howMany(t, db, "people.failed_rows"))

	c.run(t, "people")
	require.Equal(t, &contracts.Accounts{Created: good + bad, Invited: good + bad}, admin.succeededIn(t, id, 2).Accounts)
	require.Equal(t, good+bad, howMany(t, db, "people.users"))
	require.Equal(t, good+bad, howMany(t, db, "people.users WHERE import_id IS NOT NULL AND invitation = 1"))
	require.Zero(t, howMany(t, db, "people.failed_rows"))
	require.Eventually(t, func() bool {
		return howMany(t, db, "notify.mails WHERE invitee IS NOT NULL AND state = 'sent'") == good+bad
	}, patience, 50*time.Millisecond)
	sent := smtp.invitationIDs(t)
	require.Len(t, sent, good+bad)
	for id, times := range sent {
		require.Equal(t, 1, times, id)
	}
}

// howMany is how many rows a table has, or those of it that a condition names.
func howMany(t *testing.T, db *bun.DB, table string) int {
	t.Helper()
	var n int
	require.NoError(t, db.NewRaw("SELECT count(*) FROM "+table).Scan(t.Context(), &n))
	return n
}

// waitsForAnother tells that a statement on accounts waits for what another transaction holds.
func waitsForAnother(t *testing.T, db *bun.DB) bool {
	t.Helper()
	return howMany(t, db, "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~* '(copy \"people\".\"users\"|into people.users)'") > 0
}

// invitationIDs tells how often each invitation came in, by its Message-ID.
func (c *catcher) invitationIDs(t *testing.T) map[string]int {
	t.Helper()
	ids := make(map[string]int)
	for _, m := range c.caught(t) {
		if id := m.Header.Get("Message-ID"); strings.HasPrefix(id, "<invitation.") {
			ids[id]++
		}
	}
	return ids
}
