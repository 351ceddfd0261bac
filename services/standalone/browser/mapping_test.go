//go:build browser

package browser_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// choose chooses a field for a column of a list.
func (b *tab) choose(t *testing.T, column, field string) {
	t.Helper()
	b.is(t, `(() => {
		const select = document.getElementById("column-`+column+`");
		select.focus();
		select.value = "`+field+`";
		select.dispatchEvent(new Event("change", {bubbles: true}));
		return select.value === "`+field+`";
	})()`)
}

func TestListIsCheckedAgainAsItsColumnsAreChosenAndImportedSo(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.signIn(t, u.link)
	b.check(t, sheet(t, "crew.xlsx",
		[]string{"Nick", "E-Mail", "Ort der Wahl", "Stadt"},
		[]string{"ada", "ada@crew.example", "Oslo", "Ada"},
		[]string{"ben", "ben@crew.example", "Rom", "Ben"},
	))
	b.until(t, ended+` && !document.getElementById("preview").hidden`)
	b.is(t, `document.getElementById("column-4").value === "city" && document.getElementById("column-3").value === ""`)
	check := value[string](t, b, "location.pathname")
	before := len(b.loaded(u))

	b.choose(t, "3", "city")
	b.is(t, `document.getElementById("column-4").value === ""`) // a field is in one column
	b.until(t, `location.pathname !== "`+check+`" && `+ended+` && document.querySelector("#preview [data-action=create]")?.innerText.includes("Oslo")`)
	b.is(t, `document.activeElement.id === "column-3"`)
	b.choose(t, "4", "first_name")
	b.until(t, ended+` && document.querySelector("#preview [data-action=create]")?.innerText.split("\t").includes("Ada")`)
	require.Equal(t, "Checked", b.text(t, "#headline"))
	require.Len(t, b.loaded(u), before, "nothing was loaded again")
	b.look(t, "list-check-mapped")

	// Without a nick it is no list: the check fails, and is mended by the same way.
	b.choose(t, "1", "")
	b.until(t, `document.getElementById("headline").textContent === "Failed" && `+ended+` && document.querySelector("#column-1:enabled")?.value === ""`)
	b.is(t, `document.getElementById("start") === null`)
	b.look(t, "list-check-unmapped")
	b.choose(t, "1", "nick")
	b.until(t, `document.getElementById("headline").textContent === "Checked" && `+ended+` && document.getElementById("start")?.disabled === false`)
	b.do(t, chromedp.Click(chromedp.ID("start")))
	b.until(t, importShown+` && document.getElementById("import").dataset.kind === "user-list" && `+ended)
	require.Contains(t, b.text(t, "#outcome"), "2 users imported")
	b.is(t, `void fetch("/v1/users").then((a) => a.json()).then((users) => { window.users = users.data.map((u) => u.attributes); }) === undefined`)
	b.until(t, `window.users?.some((u) => u.nick === "ada" && u.city === "Oslo" && u["first-name"] === "Ada")`)
	b.quiet(t)
}

func TestListOfWhichNothingIsKnownBecomesUsersByChoosingItsColumns(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.signIn(t, u.link)
	b.check(t, written(t, "Wer 1,Wo,Hierhin\nada,Oslo,ada@crew.example\nben,Rom,ben@crew.example\n"))
	b.until(t, ended+` && document.querySelector("#column-3:enabled") !== null`)
	require.Equal(t, "Failed", b.text(t, "#headline"))
	b.is(t, `[...document.querySelectorAll("#preview tr")].some((r) => r.cells[0].innerText === "Column 1" && r.cells[2].innerText === "Xxx 9")`)
	b.look(t, "list-check-unknown")
	b.choose(t, "1", "nick")
	b.choose(t, "3", "email")
	b.until(t, `document.getElementById("headline").textContent === "Checked" && `+ended+` && document.getElementById("start")?.disabled === false`)
	require.Contains(t, b.text(t, "#outcome"), "2 accounts would be made")
	b.quiet(t)
}

func TestRowsAreOfferedAgainBeforeTheSameEyesWhereTheMendedOnesFail(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	list := strings.Replace(crew(12), "crew4@crew.example", "crew4-at-crew", 1)
	told := u.administrator(t, "import", written(t, list), "--mode", "lenient", "--watch")
	id, _, _ := strings.Cut(strings.TrimPrefix(told, "Import    "), "\n")
	b := open(t)
	b.signIn(t, u.link)
	b.do(t, chromedp.Navigate(u.url+"/imports/"+id))
	b.until(t, ended+` && document.getElementById("hand")?.disabled === false`)
	folder := t.TempDir()
	b.downloadsTo(t, folder)
	rows := b.download(t, "#leftout a[href$=csv]", filepath.Join(folder, "failed-rows-"+id+".csv"))
	forged := filepath.Join(folder, "mended.csv")
	at := strings.LastIndex(strings.TrimSpace(rows), ",") // before the key of the row
	require.NoError(t, os.WriteFile(forged, []byte(rows[:at+1]+"0-forged\n"), 0o600))
	b.do(t, chromedp.SetUploadFiles(chromedp.ID("mended"), []string{forged}), chromedp.Click(chromedp.ID("hand")))
	b.until(t, `document.getElementById("headline").textContent === "Failed" && `+ended)
	b.until(t, `document.getElementById("hand")?.disabled === false`)
	require.Equal(t, "1 row was left out", b.text(t, "#left"))
	require.Contains(t, b.text(t, "#mend"), "What was imported before stands.")
	b.look(t, "list-mended-failed")
	b.quiet(t)
}
