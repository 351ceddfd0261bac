package query_test

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/auth"
)

func TestMailboxShowsAdministratorsTheMailsThatAreKept(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	invitee := uuid.New()
	mail := func(state, subject string, text, html, account, nick, number any) (id int64) {
		err := b.res.DB.NewRaw(`INSERT INTO notify.mails (import_id, attempt, message_id, recipient, subject, text, html, state, invitee, nick, invitation)
			VALUES (?, 1, ?, 'bea@crew.example', ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			uuid.NewString(), uuid.NewString(), subject, text, html, state, account, nick, number).Scan(t.Context(), &id)
		require.NoError(t, err)
		return id
	}
	requirePage(t, b.ask(t, olga, http.MethodGet, "/mails"), http.StatusNotFound)
	b.requireLedTo(t, b.ask(t, nobody, http.MethodGet, "/mails"), "/signin")
	empty := b.ask(t, admin, http.MethodGet, "/mails")
	requirePage(t, empty, http.StatusOK)
	require.Contains(t, empty.text, "There is no mail.")
	require.NotContains(t, empty.text, `href="/mails"`, "the bar leads there where there is something")

	ended := mail("kept", "Lakeside <is> imported", "Hello\n\n<script>alert(1)</script>", "<p>HTML", nil, nil, nil)
	invited := mail("kept", "Your account", nil, nil, invitee, "bea", 2)
	sent := mail("sent", "Your other account", nil, nil, uuid.New(), "carl", 1)

	list := b.ask(t, admin, http.MethodGet, "/mails")
	requirePage(t, list, http.StatusOK)
	for _, text := range []string{"Lakeside &lt;is&gt; imported", "Your account", "bea@crew.example", "1 to 2 of 2", `aria-current="page">Mailbox`} {
		require.Contains(t, list.text, text)
	}
	require.NotContains(t, list.text, "Your other account")
	require.NotContains(t, b.ask(t, olga, http.MethodGet, "/").text, "/mails")

	one := b.ask(t, admin, http.MethodGet, fmt.Sprintf("/mails/%d", ended))
	requirePage(t, one, http.StatusOK)
	require.Contains(t, one.text, "Hello\n\n&lt;script&gt;alert(1)&lt;/script&gt;")
	require.NotContains(t, one.text, "<p>HTML")

	invitation := b.ask(t, admin, http.MethodGet, fmt.Sprintf("/mails/%d", invited))
	requirePage(t, invitation, http.StatusOK)
	require.Contains(t, invitation.text, "There is an account for you at https://usher.example")
	link := regexp.MustCompile(`https://usher\.example/invitation#([\w.-]+)`).FindStringSubmatch(invitation.text)
	require.Len(t, link, 2)
	inviter, err := auth.NewInviter(b.res.Config.Auth)
	require.NoError(t, err)
	read, err := inviter.Read(link[1])
	require.NoError(t, err)
	require.Equal(t, invitee, read.Account)
	require.Equal(t, 2, read.Number)

	for _, path := range []string{fmt.Sprintf("/mails/%d", sent), "/mails/0", "/mails/x", "/mails/99999999999999999999"} {
		requirePage(t, b.ask(t, admin, http.MethodGet, path), http.StatusNotFound)
	}
	requirePage(t, b.ask(t, olga, http.MethodGet, fmt.Sprintf("/mails/%d", invited)), http.StatusNotFound)
}
