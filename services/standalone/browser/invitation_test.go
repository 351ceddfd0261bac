//go:build browser

package browser_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

const invitationShown = `location.pathname === "/invitation"`

func TestWhoIsInvitedChoosesAPasswordOnThePage(t *testing.T) {
	t.Parallel()
	const secret, password = "a secret for the tests in a browser", "Quittengelee & Öl"
	database := postgrestest.URL(t)
	u := up(t, dataFolder(t), anywhere, "USHER_DATABASE_URL="+database, "USHER_JWT_SECRET="+secret)
	db, err := postgres.Open(t.Context(), database)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	var account uuid.UUID
	require.NoError(t, db.NewRaw(`INSERT INTO people.users (import_id, attempt, origin, nick, email, nick_key, email_key, invitation)
		VALUES (gen_random_uuid(), 1, '0', 'olga', 'olga@crew.example', 'olga', 'olga@crew.example', 1) RETURNING subject`).Scan(t.Context(), &account))
	inviter, err := auth.NewInviter(auth.Config{Secret: secret})
	require.NoError(t, err)
	link := u.url + "/invitation#" + inviter.Token(auth.Invitation{Account: account, Number: 1, Expires: time.Now().Add(time.Hour)})

	b := open(t)
	b.do(t, chromedp.Navigate(u.url+"/invitation"))
	b.until(t, invitationShown)
	b.is(t, `document.getElementById("code").getBoundingClientRect().height > 0`) // it can be typed
	b.look(t, "invitation-without-link")
	b.do(t, chromedp.Navigate(link))
	b.do(t, chromedp.Reload())
	b.until(t, invitationShown+` && document.getElementById("token").value !== ""`)
	b.is(t, `location.hash === "" && document.getElementById("code").getBoundingClientRect().height === 0`) // no history has it
	b.look(t, "invitation")

	// The browser itself holds back what is too short, so the rule is taken away.
	b.is(t, `(() => { document.getElementById("password").removeAttribute("minlength"); return true; })()`)
	b.do(t, chromedp.SendKeys(chromedp.ID("password"), "short"), chromedp.Click(chromedp.CSS("form button")))
	b.until(t, invitationShown+` && location.search === "?short=8"`)
	require.Contains(t, b.text(t, "[role=alert]"), "at least 8 characters")
	b.look(t, "invitation-short")
	b.do(t, chromedp.SendKeys(chromedp.ID("password"), password), chromedp.Click(chromedp.CSS("form button")))
	b.until(t, `location.pathname === "/" && document.getElementById("send")?.disabled === false`)

	// The link has been used; the account signs in by its password from now on.
	b.do(t, chromedp.Navigate(link))
	b.until(t, invitationShown+` && document.getElementById("token").value !== ""`)
	b.do(t, chromedp.SendKeys(chromedp.ID("password"), password), chromedp.Click(chromedp.CSS("form button")))
	b.until(t, invitationShown+` && location.search === "?gone=1"`)
	b.look(t, "invitation-gone")
	other := open(t)
	other.do(t, chromedp.Navigate(u.url))
	other.until(t, signInShown)
	other.byPassword(t, "olga", password)
	other.until(t, `location.pathname === "/" && document.getElementById("send")?.disabled === false`)
	b.quiet(t)
	other.quiet(t)
}
