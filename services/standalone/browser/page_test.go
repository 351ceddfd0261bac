//go:build browser

package browser_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/standalone/internal/sample"
)

// ended is true once all of an import's end is shown. An open dialog is still without its
// answer, which may come behind what the command leads to.
const ended = `document.getElementById("import")?.dataset.final === "true" && document.querySelector("dialog[open]") === null`

// signIn opens a link and comes to the first page.
func (b *tab) signIn(t *testing.T, link string) {
	t.Helper()
	b.do(t, chromedp.Navigate(link))
	b.until(t, `location.pathname === "/" && document.getElementById("send")?.disabled === false`)
}

// upload chooses a file and has it imported, and comes to the page of the import.
func (b *tab) upload(t *testing.T, path string) {
	t.Helper()
	b.handIn(t, path, "send")
}

// check chooses a file and has it checked, and comes to the page of the check.
func (b *tab) check(t *testing.T, path string) {
	t.Helper()
	b.handIn(t, path, "check")
}

func (b *tab) handIn(t *testing.T, path, button string) {
	t.Helper()
	b.do(t, chromedp.SetUploadFiles(chromedp.ID("file"), []string{path}), chromedp.Click(chromedp.ID(button)))
	b.until(t, importShown)
}

// importShown is true once the page of an import is kept up to date.
const importShown = `location.pathname.startsWith("/imports/") && document.getElementById("again")?.disabled === false`

// madeUp writes a made-up archive.
func madeUp(t *testing.T, sessions, speakers int) string {
	t.Helper()
	var archive bytes.Buffer
	require.NoError(t, sample.Write(&archive, sample.Config{Sessions: sessions, Speakers: speakers, Seed: 5}))
	path := filepath.Join(t.TempDir(), "lakeside.zip")
	require.NoError(t, os.WriteFile(path, archive.Bytes(), 0o600))
	return path
}

// zipped writes an archive of the given files.
func zipped(t *testing.T, files map[string]string) string {
	t.Helper()
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	for name, content := range files {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = io.WriteString(w, content)
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	path := filepath.Join(t.TempDir(), "broken <b>.zip")
	require.NoError(t, os.WriteFile(path, archive.Bytes(), 0o600))
	return path
}

// record notes in the page what its headline says from now on, so that a test
// can see afterwards that it has moved.
const record = `window.seen = new Set([document.getElementById("headline").textContent]);
	new MutationObserver(() => window.seen.add(document.getElementById("headline").textContent))
		.observe(document.getElementById("import"), {childList: true, characterData: true, subtree: true}); true`

// inSchedule is true while an import stands in the schedule.
const inSchedule = `document.getElementById("headline").textContent === "Bringing in rooms, tracks and sessions" &&
	document.getElementById("import").dataset.final === "false"`

func TestFileBecomesAnEventBeforeTheEyesOfWhoHandedItIn(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	letGo := hold(t)
	b := open(t)
	b.do(t, chromedp.Navigate(u.url))
	b.until(t, `location.pathname === "/signin"`)
	b.look(t, "signin")
	b.signIn(t, u.link)
	b.look(t, "home-empty")

	b.do(t, chromedp.Click(chromedp.ID("send")))
	b.until(t, `!document.getElementById("problem").hidden`)
	require.Equal(t, "Please select a file.", b.text(t, "#problem"))
	b.is(t, `document.activeElement.id === "file"`)

	before := len(b.loaded(u))
	b.upload(t, madeUp(t, 1500, 600))
	b.until(t, inSchedule)
	b.is(t, `document.querySelector("[data-type=speakers] .count").textContent === "600 of 600"`)
	b.is(t, record)
	b.look(t, "import-running")
	letGo()
	b.until(t, ended)
	require.Equal(t, "Done", b.text(t, "#headline"))
	b.is(t, "window.seen.size > 1")
	b.is(t, `document.querySelector("[data-type=sessions] .count").textContent === "1500 of 1500"`)
	b.is(t, `document.querySelector("[data-type=microlocations] label").textContent === "Rooms"`)
	b.is(t, `[...document.querySelectorAll("[data-stage]")].every((s) => s.dataset.mark === "done")`)
	paths := b.loaded(u)[before:]
	require.Len(t, paths, 1, "from the upload to the end only the page of the import is loaded: %v", paths)
	require.True(t, strings.HasPrefix(paths[0], "/imports/"), paths[0])
	b.look(t, "import-done")

	b.do(t, chromedp.Navigate(u.url))
	b.until(t, `document.querySelectorAll(".imports li").length === 1`)
	b.look(t, "home")
	b.dark(t, true)
	b.look(t, "home-dark")
	b.do(t, chromedp.Click(chromedp.CSS(".imports a")))
	b.until(t, ended)
	b.look(t, "import-done-dark")
	b.dark(t, false)
	name := b.text(t, "#outcome strong")
	b.do(t, chromedp.Click(chromedp.ID("event")))
	b.until(t, `location.pathname.startsWith("/e/")`)
	require.Equal(t, name, b.text(t, "h1"))
	require.Contains(t, b.text(t, ".draft"), "This is a draft")
	b.is(t, `[...document.images].filter((i) => i.getBoundingClientRect().top < innerHeight).every((i) => i.complete && i.naturalWidth > 0)`)
	b.look(t, "event")
	b.quiet(t)
}

func TestLinkThatWasUsedIsRefused(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	first, second := open(t), open(t)
	first.signIn(t, u.link)
	second.do(t, chromedp.Navigate(u.link))
	second.until(t, `document.querySelector("h1").textContent.startsWith("This link has been used")`)
	second.look(t, "link-used")
	second.do(t, chromedp.Navigate(u.url))
	second.until(t, `location.pathname === "/signin"`)
	second.signIn(t, u.another(t))
	second.do(t, chromedp.Click(chromedp.CSS("header button")))
	second.until(t, `location.pathname === "/signin"`)
	second.do(t, chromedp.Navigate(u.url))
	second.until(t, `location.pathname === "/signin"`)
	first.quiet(t)
	second.quiet(t, "410")
}

func TestBrokenFileIsShownWithFileAndLine(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.signIn(t, u.link)
	b.upload(t, zipped(t, map[string]string{
		"event":    `{"id": 1, "name": "<img src=x onerror=alert(1)>", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00"}`,
		"sessions": "[\n  {\"id\": 1, \"title\": \"Wicks\"\n]",
	}))
	b.until(t, ended)
	require.Equal(t, "Failed", b.text(t, "#headline"))
	b.is(t, `[...document.querySelectorAll("#issues tbody tr")].some((r) =>
		r.querySelector(".file").textContent.startsWith("sessions") && r.querySelector(".line").textContent === "3, column 1")`)
	b.is(t, `document.querySelector("#issues tbody .severity").textContent === "Error"`) // though it was found last
	b.is(t, `document.querySelector("[data-stage=event]").dataset.mark === "failed"`)
	b.is(t, `document.querySelector("main img") === null`)
	require.Equal(t, "broken <b>.zip", b.text(t, "h1"))
	b.look(t, "import-failed")
	live := b.text(t, "#issues tbody")
	b.do(t, chromedp.Reload())
	b.until(t, ended)
	require.Equal(t, strings.Join(strings.Fields(live), ""), strings.Join(strings.Fields(b.text(t, "#issues tbody")), ""), "the script shows what the server does")

	b.do(t, chromedp.Navigate(u.url))
	b.until(t, `document.getElementById("send")?.disabled === false`)
	text := filepath.Join(t.TempDir(), "notes.txt")
	require.NoError(t, os.WriteFile(text, []byte("no archive"), 0o600))
	b.do(t, chromedp.SetUploadFiles(chromedp.ID("file"), []string{text}), chromedp.Click(chromedp.ID("send")))
	b.until(t, `!document.getElementById("problem").hidden`)
	b.is(t, `location.pathname === "/" && document.getElementById("send").disabled === false`)
	b.look(t, "home-refused")
	b.quiet(t, "/v1/events/import/json") // the browser tells of every answer that refuses
}

func TestPageThatIsReloadedInTheMiddleIsRightAndFollowsToTheEnd(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	letGo := hold(t)
	b := open(t)
	b.signIn(t, u.link)
	b.upload(t, madeUp(t, 12, 6))
	b.until(t, inSchedule)
	for range 2 {
		b.do(t, chromedp.Reload())
		b.until(t, importShown)
		b.is(t, inSchedule)
		b.is(t, `[...document.querySelectorAll("[data-stage]")].map((s) => s.dataset.mark).join(" ") === "done done done running waiting waiting"`)
		b.is(t, `document.querySelector("[data-type=speakers] .count").textContent === "6 of 6"`)
		b.is(t, `document.getElementById("result").hidden && document.getElementById("failure").hidden`)
	}
	letGo()
	b.until(t, ended)
	require.Equal(t, "Done", b.text(t, "#headline"))
	b.do(t, chromedp.Reload())
	b.until(t, ended)
	require.Equal(t, "Done", b.text(t, "#headline"))
	b.is(t, `document.querySelector("[data-type=sessions] .count").textContent === "12 of 12"`)
	b.quiet(t)
}

func TestPageHealsWhenUsherComesBack(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	u := up(t, folder, anywhere)
	cable := u.lay(t) // for a port that was let go may be another's by then
	letGo := hold(t)
	b := open(t)
	b.signIn(t, u.link)
	b.upload(t, madeUp(t, 120, 60))
	b.until(t, inSchedule)
	require.NoError(t, u.cmd.Process.Signal(syscall.SIGTERM))
	b.until(t, `!document.getElementById("connection").hidden`)
	b.look(t, "import-lost")
	letGo()
	u.stop(t) // which waits for the step that is in hand
	cable.leadTo(up(t, folder, anywhere))
	b.until(t, ended)
	b.is(t, `document.getElementById("connection").hidden`)
	require.Equal(t, "Done", b.text(t, "#headline"))
	b.quiet(t, "net::ERR")
}

func TestImportThatTheDatabaseRefusedIsTriedAgainByTheButton(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere, "USHER_MAX_TRIES=1")
	db := refuse(t)
	b := open(t)
	b.signIn(t, u.link)
	b.upload(t, madeUp(t, 120, 60))
	b.until(t, ended)
	require.Equal(t, "Failed", b.text(t, "#headline"))
	require.Contains(t, b.text(t, "#reason"), "the table is closed")
	b.is(t, `document.querySelector("[data-stage=schedule]").dataset.mark === "failed"`)
	require.Contains(t, b.text(t, "#ours"), "No error was found in the file.")
	b.is(t, `document.getElementById("mend") === null`)
	b.look(t, "import-refused-by-database")

	// Tried while the database still refuses it fails again, before the same eyes.
	before := len(b.loaded(u))
	failed := b.text(t, "#failure")
	b.again(t)
	b.until(t, `document.querySelectorAll(".attempts > li").length === 2 && !document.getElementById("failure").hidden && `+ended)
	require.Equal(t, failed, b.text(t, "#failure"))

	_, err := db.ExecContext(t.Context(), `DROP FUNCTION refuse() CASCADE`)
	require.NoError(t, err)
	letGo := hold(t)
	b.again(t)
	b.until(t, inSchedule)
	b.is(t, `document.getElementById("failure").hidden`)
	b.look(t, "import-again")
	letGo()
	b.until(t, `document.getElementById("headline").textContent === "Done" && `+ended)
	b.is(t, `document.getElementById("failure").hidden && !document.getElementById("result").hidden`)
	b.is(t, `document.querySelector("[data-type=sessions] .count").textContent === "120 of 120"`)
	b.is(t, `[...document.querySelectorAll("[data-stage]")].every((s) => s.dataset.mark === "done")`)
	require.Len(t, b.loaded(u), before, "nothing was loaded again")
	b.do(t, chromedp.Click(chromedp.ID("event")))
	b.until(t, `location.pathname.startsWith("/e/")`)
	b.quiet(t)
}

// again has an import tried again, and says so when it is asked.
func (b *tab) again(t *testing.T) {
	t.Helper()
	b.do(t, chromedp.Click(chromedp.ID("again")))
	b.answer(t, "replay", "asked")
}

// answer answers what is asked before a command is given.
func (b *tab) answer(t *testing.T, command, answer string) {
	t.Helper()
	b.until(t, `document.getElementById("ask-`+command+`").open`)
	b.do(t, chromedp.Click(chromedp.CSS("#ask-"+command+" [data-do="+answer+"]")))
}

// The requirement is a real archive; where there is none, a large made-up one
// has to do, and the test says so.
func TestRealFileReachesTheEventPage(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.signIn(t, u.link)
	path := filepath.Join(os.Getenv("SAMPLES"), "fossasia16-v1.zip")
	if os.Getenv("SAMPLES") == "" {
		t.Log("SAMPLES names no folder of real archives: a made-up one was taken")
		path = madeUp(t, 500, 190)
	}
	b.do(t, chromedp.Click(chromedp.ID("publish")))
	b.upload(t, path)
	b.until(t, ended)
	require.Equal(t, "Done", b.text(t, "#headline"))
	b.look(t, "import-real")
	name := b.text(t, "#outcome strong")
	b.do(t, chromedp.Click(chromedp.ID("event")))
	b.until(t, `location.pathname.startsWith("/e/")`)
	require.Equal(t, name, b.text(t, "h1"))
	b.is(t, `document.querySelector(".draft") === null`)
	b.look(t, "event-real")
	b.quiet(t)
}

func TestPageAboutArchivesIsForEverybody(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.do(t, chromedp.Navigate(u.url+"/help/archive#media_missing"))
	b.arrives(t)
	require.Equal(t, "What is an archive?", b.text(t, "h1"))
	b.is(t, `Math.abs(document.getElementById("media_missing").getBoundingClientRect().top) < 100`)
	b.look(t, "help-code")
	b.do(t, chromedp.Navigate(u.url+"/help/archive#file-speakers"))
	b.until(t, `location.hash === "#file-speakers"`)
	b.look(t, "help-file")
	b.do(t, chromedp.Navigate(u.url+"/signin"), chromedp.Navigate(u.url+"/help/archive"))
	b.arrives(t)
	b.look(t, "help")
	b.dark(t, true)
	b.look(t, "help-dark")
	b.quiet(t)
}
