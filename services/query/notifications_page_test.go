package query_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/auth"
)

// notified makes notifications as the notify service does, and returns the id of the last.
func (b *bench) notified(t *testing.T, who auth.Identity, n int, kind, url string) (id int64) {
	t.Helper()
	for range n {
		err := b.res.DB.NewRaw(`INSERT INTO notify.notifications (import_id, attempt, owner_iss, owner_sub, kind, title, message, url)
			VALUES (?, 1, ?, ?, ?, ?, 'Twelve <sessions>', nullif(?, '')) RETURNING id`,
			uuid.NewString(), who.Issuer, who.Subject, kind, "Event of "+who.Subject, url).Scan(t.Context(), &id)
		require.NoError(t, err)
	}
	return id
}

func TestBellCountsWhatIsNewForWhoLooks(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const none = `<span id="unread" class="badge" hidden></span>`
	require.Contains(t, b.ask(t, olga, http.MethodGet, "/").text, none)
	b.notified(t, olga, 3, "success", "https://usher.example/e/c4f1a9e2")
	for _, path := range []string{"/", "/imports", "/notifications"} {
		require.Contains(t, b.ask(t, olga, http.MethodGet, path).text, `<span id="unread" class="badge">3</span>`)
		require.Contains(t, b.ask(t, paul, http.MethodGet, path).text, none)
		require.Contains(t, b.ask(t, admin, http.MethodGet, path).text, none)
	}
	b.notified(t, olga, 97, "failure", "")
	require.Contains(t, b.ask(t, olga, http.MethodGet, "/").text, `>99&#43;</span>`)
}

func TestNotificationsAreListedForTheirOwnerAndTellWhichAreNew(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.requireLedTo(t, b.ask(t, nobody, http.MethodGet, "/notifications"), "/signin")
	require.Contains(t, b.ask(t, olga, http.MethodGet, "/notifications").text, "There are none yet.")
	b.notified(t, olga, 1, "failure", "javascript:alert(1)")
	newest := b.notified(t, olga, 1, "success", "https://usher.example/e/c4f1a9e2")
	b.notified(t, paul, 1, "success", "")

	page := b.ask(t, olga, http.MethodGet, "/notifications")
	requirePage(t, page, http.StatusOK)
	for _, text := range []string{
		"Event of olga", "Twelve &lt;sessions&gt;", `href="https://usher.example/e/c4f1a9e2"`, "1 to 2 of 2", ">New<", `data-mark="failed"`,
		fmt.Sprintf(`data-newest="%d"`, newest), fmt.Sprintf(`<input type="hidden" name="up_to" value="%d">`, newest),
	} {
		require.Contains(t, page.text, text)
	}
	require.NotContains(t, page.text, "paul")

	_, err := b.res.DB.ExecContext(t.Context(), `UPDATE notify.notifications SET read_at = now()`)
	require.NoError(t, err)
	read := b.ask(t, olga, http.MethodGet, "/notifications")
	require.Contains(t, read.text, "Event of olga")
	require.NotContains(t, read.text, ">New<")
	require.NotContains(t, read.text, "up_to")
}
