package chaos

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/table"
)

func TestVerdictFindsWhatBecameOfListsWrongly(t *testing.T) {
	t.Parallel()
	w := testWorld(t)
	random := rand.New(rand.NewPCG(1, 0))
	l := &load{w: w}
	m := &mischief{w: w, load: l, tell: t.Logf, done: make(map[string]int), answers: make(map[string]int)}
	g := new(goods)
	list := func(f form) *cargo {
		c, err := g.list(random, f)
		require.NoError(t, err)
		return c
	}
	update := func() *cargo {
		c, err := g.update(random, table.CSV)
		require.NoError(t, err)
		return c
	}
	uploaded := func(c *cargo) *shipment {
		s := &shipment{cargo: c, key: uuid.NewString()}
		l.upload(t.Context(), s)
		require.NotEmpty(t, s.id)
		return s
	}

	updates, undoneUpdates := update(), update()
	require.NoError(t, l.calm(t.Context(), g.bases))
	base, restored := l.soFar()[0], l.soFar()[1]
	workbook := uploaded(list(form{format: table.XLSX}))
	lenient := uploaded(list(form{format: table.XLSX, bad: 3}))
	invites := uploaded(list(form{format: table.CSV, invites: true}))
	changes, undone := uploaded(updates), uploaded(undoneUpdates)
	withdrawn := uploaded(list(form{format: table.CSV, invites: true}))
	check := uploaded(checkOf(list(form{format: table.CSV, invites: true, bad: 2})))
	other := uploaded(checkOf(list(form{format: table.XLSX})))
	require.NoError(t, w.settle(t.Context(), l.soFar()))
	m.start(t.Context(), check)
	m.start(t.Context(), check)
	m.send(t.Context(), remove, undone)
	m.send(t.Context(), remove, withdrawn)
	require.NoError(t, w.settle(t.Context(), l.soFar()))
	started := l.soFar()[len(l.soFar())-1]
	require.Equal(t, check.id, started.check)
	require.Equal(t, map[string]int{"start 202": 2, "discard 202": 2}, m.answers)
	require.Empty(t, judged(t, l))

	for _, damage := range []struct{ statement, of string }{
		{"UPDATE people.users SET first_name = 'Eve' WHERE import_id = ? AND origin = '1'", workbook.id},
		{"DELETE FROM people.failed_rows WHERE import_id = ? AND n = (SELECT min(n) FROM people.failed_rows WHERE import_id = ?0)", lenient.id},
		{"UPDATE notify.mails SET state = 'failed' WHERE import_id = ? AND nick = (SELECT nick FROM people.users WHERE import_id = ?0 LIMIT 1)", invites.id},
		{"UPDATE people.users SET city = 'Oslo' WHERE import_id = ? AND origin = '0'", base.id},
		{"UPDATE people.users SET city = 'Bergen' WHERE import_id = ? AND origin = '0'", restored.id},
		{"INSERT INTO people.list_hashes (import_id, blob, n, password_hash) VALUES (?, 'crew.csv', 0, '$argon2id$')", base.id},
		{"DELETE FROM people.users WHERE import_id = ? AND origin = (SELECT max(origin) FROM people.users WHERE import_id = ?0)", started.id},
		{"INSERT INTO people.users (import_id, attempt, origin, nick, nick_key, email, email_key, is_admin) VALUES (?, 1, '0', 'eve', 'eve', 'eve@crew.example', 'eve@crew.example', false)", other.id},
	} {
		_, err := w.db.NewRaw(damage.statement, damage.of).Exec(t.Context())
		require.NoError(t, err, damage.statement)
	}
	changes.accounts.Updated++ // as if the import had told of one less
	w.mails.take("<invitation.of-another-number@usher.example>", invites.users[1].Email, time.Now())
	w.mails.take("<invitation.late@usher.example>", withdrawn.users[0].Email, time.Now().Add(time.Hour))
	w.mails.take("<invitation.nobody@usher.example>", "nobody@crew.example", time.Now())
	w.mails.take("<invitation.password@usher.example>", workbook.users[0].Email, time.Now())

	found := sorted(t, judged(t, l))
	require.Equal(t, map[string]int{
		workbook.id: 1, lenient.id: 1, invites.id: 1, base.id: 1, restored.id: 1, started.id: 1, changes.id: 1,
	}, found[Lost])
	require.Equal(t, map[string]int{other.id: 1, invites.id: 1, withdrawn.id: 1}, found[Doubled])
	require.Equal(t, map[string]int{withdrawn.id: 1, "nobody@crew.example": 1, workbook.id: 1, base.id: 1}, found[Orphaned])
}
