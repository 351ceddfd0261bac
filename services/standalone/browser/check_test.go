//go:build browser

package browser_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

func TestCheckIsFollowedAndImportedByItsButton(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	told, err := u.as(t, organizer, "import", madeUp(t, 12, 6), "--check").Output()
	require.NoError(t, err, string(told))
	check, _, _ := strings.Cut(strings.TrimPrefix(string(told), "Import    "), "\n")

	b := open(t)
	b.signIn(t, u.another(t))
	b.do(t, chromedp.Navigate(u.url+"/imports/"+check))
	b.until(t, ended+` && document.getElementById("start")?.disabled === false`)
	require.Equal(t, "Checked", b.text(t, "#headline"))
	require.True(t, strings.HasSuffix(b.text(t, "#outcome"), " is checked. Nothing is imported yet."))
	b.is(t, `document.querySelector("[data-would=sessions] b").textContent === "12"`)
	b.is(t, `document.getElementById("look") === null`)
	b.look(t, "check-done")
	b.do(t, chromedp.Click(chromedp.ID("start")))
	b.until(t, `location.pathname.startsWith("/imports/") && !location.pathname.endsWith("`+check+`") && `+ended)
	require.Equal(t, "Done", b.text(t, "#headline"))
	b.is(t, `document.getElementById("look") !== null`)
	b.quiet(t)
}

func TestFileIsCheckedFirstAndThenImported(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.signIn(t, u.another(t))
	b.do(t, chromedp.SetUploadFiles(chromedp.ID("file"), []string{madeUp(t, 12, 6)}))
	b.until(t, `document.getElementById("kind").textContent.endsWith(": an archive.")`)
	b.look(t, "home-chosen")
	b.is(t, `document.querySelector("#upload [type=submit]").id === "check"`) // which Enter presses as well
	b.do(t, chromedp.Click(chromedp.ID("check")))
	b.until(t, importShown+` && `+ended)
	require.Equal(t, "Checked", b.text(t, "#headline"))
	require.Contains(t, b.text(t, "#mails"), "olga@organizers.example is told")
	require.Contains(t, b.text(t, "[data-would=sessions]"), "12")
	b.do(t, chromedp.Click(chromedp.ID("start")))
	b.until(t, importShown+` && document.getElementById("event") !== null`)
	b.do(t, chromedp.Click(chromedp.ID("event")))
	b.until(t, `location.pathname.startsWith("/e/")`)
	b.quiet(t)
}
