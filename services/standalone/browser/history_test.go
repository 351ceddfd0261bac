//go:build browser

package browser_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

func TestHistoryIsFilteredAndSearched(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.signIn(t, u.link)
	b.upload(t, madeUp(t, 12, 6))
	b.until(t, ended)
	b.do(t, chromedp.Click(chromedp.CSS(".places [href='/']")))
	b.until(t, `location.pathname === "/" && document.getElementById("send")?.disabled === false`)
	b.upload(t, zipped(t, map[string]string{"event": `{"name": "Autumn"}`}))
	b.until(t, ended)
	require.Equal(t, "Failed", b.text(t, "#headline"))
	failed := value[string](t, b, "location.pathname")

	b.do(t, chromedp.Click(chromedp.CSS(".places [href='/imports']")))
	b.until(t, `location.pathname === "/imports" && document.querySelectorAll("#history tbody tr").length === 2`)
	b.is(t, `document.querySelector(".places [aria-current]").textContent === "History"`)
	b.is(t, `document.getElementById("history").textContent.includes("12 sessions, 6 speakers")`)
	b.look(t, "history")
	b.dark(t, true)
	b.look(t, "history-dark")
	b.dark(t, false)
	b.do(t, chromedp.SetValue(chromedp.ID("state"), "FAILURE"), chromedp.Click(chromedp.CSS(".filters button")))
	b.until(t, `location.search.includes("FAILURE") && document.querySelectorAll("#history tbody tr").length === 1`)
	b.is(t, `document.querySelector("#history tbody a").getAttribute("href") === "`+failed+`"`)
	b.is(t, `document.getElementById("state").value === "FAILURE" && document.getElementById("kind").value === ""`)
	b.do(t, chromedp.SendKeys(chromedp.ID("search"), "no such thing"), chromedp.Click(chromedp.CSS(".filters button")))
	b.until(t, `location.search.includes("no+such") && document.querySelector("#history") === null`)
	require.Contains(t, b.text(t, "main"), "No import is like that.")
	b.look(t, "history-none")
	b.quiet(t)
}

func TestBellCountsWhatIsNewAndIsClearedByLooking(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.signIn(t, u.link)
	b.is(t, `document.getElementById("unread").hidden`)
	letGo := hold(t) // until its page is there: what one comes with does not ring
	b.upload(t, madeUp(t, 12, 6))
	letGo()
	b.until(t, ended)
	b.until(t, `!document.getElementById("unread").hidden && document.getElementById("unread").textContent === "1"`)
	require.Equal(t, "1 new notification", b.text(t, "#rung"))
	b.do(t, chromedp.Click(chromedp.ID("bell")))
	b.until(t, `location.pathname === "/notifications" && document.querySelectorAll("[data-new]").length === 1`)
	b.until(t, `document.getElementById("unread").hidden`)
	b.look(t, "notifications")
	b.do(t, chromedp.Reload())
	b.until(t, `document.querySelectorAll(".told-list li").length === 1 && document.querySelector("[data-new]") === null`)
	b.is(t, `document.getElementById("unread").hidden`)
	b.quiet(t)
}

func TestUsersOfAListAreInvitedAgainAndTheMailboxHasTheMails(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.signIn(t, u.link)
	b.upload(t, written(t, strings.ReplaceAll(crew(3), "the horse of 1", "")))
	b.until(t, ended)
	b.do(t, chromedp.Navigate(u.url+value[string](t, b, "location.pathname")+"/users"))
	b.until(t, `document.querySelector("[data-invite]")?.disabled === false`)
	b.is(t, `document.querySelectorAll("#users tbody tr").length === 3 && document.querySelectorAll("[data-invite]").length === 1`)
	b.look(t, "users-of-a-list")
	b.do(t, chromedp.Click(chromedp.CSS("[data-invite]")))
	b.until(t, `!document.getElementById("invited").hidden`)
	require.Equal(t, "Another invitation goes to crew1.", b.text(t, "#invited"))

	b.do(t, chromedp.Navigate(u.url+"/users"), chromedp.Click(chromedp.CSS(".places [href='/mails']")))
	b.until(t, `location.pathname === "/mails" && document.querySelector("#mails")`)
	require.Eventually(t, func() bool { // the mail is written when its turn comes
		b.do(t, chromedp.Reload())
		return value[int](t, b, `document.querySelectorAll("#mails tbody tr").length`) == 2
	}, patience, 100*time.Millisecond)
	b.look(t, "mailbox")
	b.do(t, chromedp.Click(chromedp.CSS("#mails tbody tr:first-child a")))
	b.until(t, `location.pathname.startsWith("/mails/") && document.getElementById("mail")`)
	b.is(t, `document.getElementById("mail").textContent.includes(location.origin + "/invitation#")`)
	b.look(t, "mail")
	b.quiet(t)
}
