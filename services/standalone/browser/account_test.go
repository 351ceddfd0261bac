//go:build browser

package browser_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

const signInShown = `location.pathname === "/signin"`

// byPassword fills the form and sends it.
func (b *tab) byPassword(t *testing.T, login, password string) {
	t.Helper()
	b.do(t, chromedp.SendKeys(chromedp.ID("login"), login), chromedp.SendKeys(chromedp.ID("password"), password),
		chromedp.Click(chromedp.CSS("form button")))
}

func TestAccountSignsInByTheFormAndUploads(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	const password = "Laterne & Öl 1848"
	u.account(t, "olga", password)
	b := open(t)
	b.do(t, chromedp.Navigate(u.url))
	b.until(t, signInShown)
	b.byPassword(t, "olga", "a guess")
	b.until(t, `location.search === "?refused=1" && document.querySelector("[role=alert]") !== null`)
	require.Contains(t, b.text(t, "[role=alert]"), "Check the name and the password")
	b.look(t, "signin-refused")
	b.do(t, chromedp.Navigate(u.url+"/signin?later=90"))
	b.until(t, signInShown)
	require.Contains(t, b.text(t, "[role=alert]"), "Try again in 90 seconds.")
	b.look(t, "signin-later")

	b.byPassword(t, "olga@accounts.example", password)
	b.until(t, `location.pathname === "/" && document.getElementById("send")?.disabled === false`)
	b.is(t, `location.search === ""`)
	b.is(t, `!document.getElementById("what").textContent.includes("users")`)
	b.upload(t, madeUp(t, 12, 6))
	b.until(t, ended)
	require.Equal(t, "Done", b.text(t, "#headline"))

	// A list of users is for administrators: it is not offered, and
	// who has none offered and takes one is told so before it is sent.
	b.do(t, chromedp.Navigate(u.url))
	b.until(t, `document.querySelectorAll(".imports li").length === 1 && document.getElementById("send")?.disabled === false`)
	b.do(t, chromedp.SetUploadFiles(chromedp.ID("file"), []string{written(t, crew(1))}), chromedp.Click(chromedp.ID("send")))
	b.until(t, `!document.getElementById("problem").hidden`)
	require.Contains(t, b.text(t, "#problem"), "Only administrators can upload a list of users.")
	b.is(t, `location.pathname === "/" && document.getElementById("send").disabled === false`)
	b.look(t, "home-list-refused")
	b.quiet(t)
}

// crew is a list of users.
func crew(n int) string {
	var list strings.Builder
	list.WriteString("Nick Name,First Name,Last Name,Email,Age,Current City,Password,Mobile Number\n")
	for k := range n {
		fmt.Fprintf(&list, "crew%d,First%d,Last%d,crew%d@crew.example,%d,Oslo,the horse of %d,\n", k, k, k, k, 20+k, k)
	}
	return list.String()
}

// written writes a list to a file.
func written(t *testing.T, list string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "crew.csv")
	require.NoError(t, os.WriteFile(path, []byte(list), 0o600))
	return path
}

func TestListOfUsersThatIsDroppedMakesAccounts(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.signIn(t, u.link)
	b.is(t, fmt.Sprintf(`(() => {
		const carried = new DataTransfer();
		carried.items.add(new File([%q], "crew.csv", {type: "text/csv"}));
		const drop = document.getElementById("drop");
		for (const what of ["dragenter", "dragover"]) drop.dispatchEvent(new DragEvent(what, {dataTransfer: carried, bubbles: true, cancelable: true}));
		const seen = drop.classList.contains("over");
		// Who drops a file does not mean to leave the page for it.
		const kept = !drop.dispatchEvent(new DragEvent("drop", {dataTransfer: carried, bubbles: true, cancelable: true}));
		return seen && kept && !drop.classList.contains("over") && document.getElementById("file").files[0].name === "crew.csv";
	})()`, crew(12)))
	b.is(t, `document.getElementById("publish").getBoundingClientRect().height === 0`) // a list has nothing to show
	require.Contains(t, b.text(t, "#kind"), "a list of users, CSV.")
	b.look(t, "home-dropped")
	b.do(t, chromedp.Click(chromedp.ID("send")))
	b.until(t, importShown)
	b.until(t, ended)
	require.Equal(t, "12 users imported", b.text(t, "#outcome"))
	b.is(t, `document.getElementById("look") === null`) // a list is no event
	b.look(t, "list-done")
	b.do(t, chromedp.Reload())
	b.until(t, ended)
	require.Equal(t, "12 users imported", b.text(t, "#outcome"))

	// And whom it has made can sign in.
	other := open(t)
	other.do(t, chromedp.Navigate(u.url))
	other.until(t, signInShown)
	other.byPassword(t, "crew7", "the horse of 7")
	other.until(t, `location.pathname === "/" && document.getElementById("send")?.disabled === false`)
	b.quiet(t)
	other.quiet(t)
}

func TestListWithABadCellIsShownWithLineAndColumn(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.signIn(t, u.link)
	b.upload(t, written(t, strings.Replace(crew(12), "crew4@crew.example", "crew4-at-crew", 1)))
	b.until(t, ended)
	require.Equal(t, "Failed", b.text(t, "#headline"))
	require.Contains(t, b.text(t, "#reason"), "crew.csv line 6")
	require.Equal(t, "crew.csv", b.text(t, "#issues tbody .file"))
	require.Equal(t, "6, column 20", b.text(t, "#issues tbody .line"))
	b.is(t, `document.getElementById("mend") !== null`)
	b.look(t, "list-failed")
	live := b.text(t, "#issues tbody")
	b.do(t, chromedp.Reload())
	b.until(t, ended)
	require.Equal(t, strings.Join(strings.Fields(live), ""), strings.Join(strings.Fields(b.text(t, "#issues tbody")), ""), "the script shows what the server does")
	b.quiet(t)
}
