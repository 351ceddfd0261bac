//go:build browser

package browser_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/table"
)

// sheet writes a workbook of the given rows.
func sheet(t *testing.T, name string, rows ...[]string) string {
	t.Helper()
	var content bytes.Buffer
	w, err := table.NewWriter(&content, table.XLSX)
	require.NoError(t, err)
	for _, row := range rows {
		require.NoError(t, w.Write(row))
	}
	require.NoError(t, w.Close())
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content.Bytes(), 0o600))
	return path
}

// administrator runs a command as an administrator.
func (u *usher) administrator(t *testing.T, args ...string) string {
	t.Helper()
	told, err := u.as(t, operator, args...).Output()
	require.NoError(t, err, string(told))
	return string(told)
}

func TestWorkbookIsCheckedOnThePageAndImportedByItsButton(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	u.account(t, "olga", "Laterne & Öl 1848")
	b := open(t)
	b.signIn(t, u.link)
	b.is(t, `document.getElementById("what").textContent.includes("a list of users, CSV or Excel")`)
	b.check(t, sheet(t, "crew.xlsx",
		[]string{"Spitzname", "E-Mail", "Vorname", "Stadt", "T-Shirt", "Schlüsselbund", "Kennwort", "Ankunft"},
		[]string{"ada", "ada@crew.example", "Ada", "Oslo", "XL", "Haus 12", "the horse of ada", "2031-05-02"},
		[]string{"ben", "ben@crew.example", "Ben <b>", "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", "", "", "", ""},
	))
	b.until(t, ended+` && !document.getElementById("preview").hidden && document.getElementById("start")?.disabled === false`)
	require.Equal(t, "Checked", b.text(t, "#headline"))
	require.Equal(t, "Checked: 2 accounts would be made, 1 invited. Nothing is imported yet.", b.text(t, "#outcome"))
	require.Equal(t, "1 person is invited to choose a password.", b.text(t, "#mails"))
	b.is(t, `document.getElementById("column-1").value === "nick" && document.getElementById("column-6").value === ""`)
	b.is(t, `[...document.querySelectorAll("#preview tr")].some((r) => r.cells[0].innerText === "Spitzname" && r.cells[2].innerText === "ada, ben")`)
	b.is(t, `[...document.querySelectorAll("#preview tr")].some((r) => r.cells[0].innerText === "Schlüsselbund" && r.cells[2].innerText === "Xxxx 99")`)
	b.is(t, `document.querySelectorAll("#preview [data-action=create]").length === 2`)
	b.is(t, `!document.body.textContent.includes("the horse of ada")`)
	b.is(t, `document.querySelector("#preview b") === null`)
	b.look(t, "list-check")
	b.dark(t, true)
	b.look(t, "list-check-dark")
	b.dark(t, false)
	check := value[string](t, b, "location.pathname")
	b.do(t, chromedp.Click(chromedp.ID("start")))
	b.until(t, `location.pathname.startsWith("/imports/") && location.pathname !== "`+check+`" && `+ended)
	require.Equal(t, "2 users imported, 1 invited", b.text(t, "#outcome"))
	b.look(t, "list-started")
	b.quiet(t)
}

func TestCheckOfAListThatChangesAccountsShowsOldAndNew(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	u.account(t, "olga", "Laterne & Öl 1848")
	list := sheet(t, "crew.xlsx", []string{"nick", "email", "city"}, []string{"olga", "olga@accounts.example", "Bergen"}, []string{"ada", "ada@crew.example", "Oslo"})
	check, _, _ := strings.Cut(strings.TrimPrefix(u.administrator(t, "import", list, "--check", "--on-conflict", "update"), "Import    "), "\n")
	b := open(t)
	b.signIn(t, u.link)
	b.do(t, chromedp.Navigate(u.url+"/imports/"+check))
	b.until(t, ended)
	require.Equal(t, "Checked: 1 account would be made, 1 changed, 1 invited. Nothing is imported yet.", b.text(t, "#outcome"))
	b.is(t, `[...document.querySelectorAll("#preview tr")].some((r) => r.innerText.split("\t").join("|") === "olga|City|–|Bergen")`)
	b.look(t, "list-check-changes")
	b.quiet(t)
}

func TestRowsThatWereLeftOutAreDownloadedMendedAndUploadedAgain(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	list := strings.Replace(crew(12), "crew4@crew.example", "crew4-at-crew", 1)
	told := u.administrator(t, "import", written(t, list), "--mode", "lenient", "--watch")
	id, _, _ := strings.Cut(strings.TrimPrefix(told, "Import    "), "\n")
	b := open(t)
	b.signIn(t, u.link)
	b.do(t, chromedp.Navigate(u.url+"/imports/"+id))
	b.until(t, ended+` && document.getElementById("hand")?.disabled === false`)
	require.Equal(t, "11 users imported, 1 left out", b.text(t, "#outcome"))
	require.Equal(t, "1 row was left out", b.text(t, "#left"))
	b.look(t, "list-left-out")

	folder := t.TempDir()
	b.downloadsTo(t, folder)
	workbook := b.download(t, "#leftout a[href$=xlsx]", filepath.Join(folder, "failed-rows-"+id+".xlsx"))
	require.True(t, strings.HasPrefix(workbook, "PK"))
	rows := b.download(t, "#leftout a[href$=csv]", filepath.Join(folder, "failed-rows-"+id+".csv"))
	require.Contains(t, rows, "crew4")
	require.NotContains(t, rows, "the horse of")

	b.do(t, chromedp.Click(chromedp.ID("hand")))
	b.until(t, `!document.getElementById("unmended").hidden`)
	b.look(t, "list-nothing-mended")
	mended := filepath.Join(folder, "mended.csv")
	rows = strings.Replace(rows, "First4,Last4,,", "First4,Last4,crew4@crew.example,", 1) // what is no address is not kept
	require.Contains(t, rows, "crew4@crew.example")
	require.NoError(t, os.WriteFile(mended, []byte(rows), 0o600))
	// The page follows the attempt that the answer names. Loaded again too early it would
	// show the one before, as the end of all.
	b.is(t, `(window.stays = true)`)
	b.do(t, chromedp.SetUploadFiles(chromedp.ID("mended"), []string{mended}), chromedp.Click(chromedp.ID("hand")))
	b.until(t, ended+` && document.getElementById("leftout").hidden`)
	b.is(t, `window.stays === true`)
	require.Equal(t, "Done", b.text(t, "#headline"))
	require.Contains(t, b.text(t, "#outcome"), "12 users imported")
	b.quiet(t)
}

// downloadsTo has the browser put what is downloaded into a folder.
func (b *tab) downloadsTo(t *testing.T, folder string) {
	t.Helper()
	_, err := chromedp.Call(b.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: folder,
	})
	require.NoError(t, err)
}

// download clicks a link and returns the file that it leads to. Chromium gives a file
// its name once it is whole.
func (b *tab) download(t *testing.T, selector, path string) string {
	t.Helper()
	b.do(t, chromedp.Click(chromedp.CSS(selector)))
	var content []byte
	require.Eventually(t, func() bool {
		var err error
		content, err = os.ReadFile(path)
		return err == nil
	}, patience, 20*time.Millisecond, path)
	return string(content)
}
