//go:build browser

package browser_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

func TestImportIsCanceledOnItsPageAndOnlyWhenTheAnswerIsYes(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	letGo := hold(t)
	b := open(t)
	b.signIn(t, u.link)
	b.upload(t, madeUp(t, 120, 60))
	b.until(t, inSchedule)
	b.do(t, chromedp.Click(chromedp.CSS("[data-ask=ask-cancel]")))
	b.until(t, `document.getElementById("ask-cancel").open`)
	require.Contains(t, b.text(t, "#consequence-cancel"), "All that it has made so far is removed")
	b.look(t, "import-cancel-asked")
	b.do(t, chromedp.Click(chromedp.CSS("#ask-cancel button[type=submit]")))
	b.until(t, `!document.getElementById("ask-cancel").open`)
	b.is(t, inSchedule)

	b.do(t, chromedp.Click(chromedp.CSS("[data-ask=ask-cancel]")))
	b.answer(t, "cancel", "asked")
	b.until(t, `document.getElementById("headline").textContent === "Canceled" && `+ended)
	b.is(t, `document.getElementById("commands").hidden && document.querySelector("dialog") === null && document.getElementById("bars").hidden`)
	b.is(t, `document.querySelector("[data-stage][data-mark=failed]") === null`)
	b.look(t, "import-canceled")
	letGo()
	b.until(t, `document.getElementById("import").dataset.cleaning === "false"`)
	b.is(t, `document.getElementById("note").hidden`)
	b.quiet(t)
}

func TestEventIsMadeAnewAndOnceItWasChangedRemovedAllTheSame(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.signIn(t, u.link)
	b.upload(t, madeUp(t, 12, 6))
	b.until(t, ended)
	event := value[string](t, b, `document.getElementById("event").href`)
	b.do(t, chromedp.Click(chromedp.CSS("[data-ask=ask-renew]")))
	b.answer(t, "renew", "asked")
	b.until(t, `document.querySelectorAll(".attempts > li").length === 2 && document.getElementById("headline").textContent === "Done" && `+ended)
	b.is(t, `document.getElementById("event").href === "`+event+`"`)
	// As another page of ours would, with the session.
	b.is(t, `void (async () => {
		const task = await (await fetch("/v1/tasks/" + document.getElementById("import").dataset.id)).json();
		const change = { data: { type: "event", attributes: { name: "A better name" } } };
		window.changed = (await fetch("/v1/events/" + task.result.id, { method: "PATCH", headers: { "Content-Type": "application/vnd.api+json" }, body: JSON.stringify(change) })).status;
	})() === undefined`)
	b.until(t, `window.changed === 204`)
	b.do(t, chromedp.Click(chromedp.CSS("[data-ask=ask-renew]")))
	b.answer(t, "renew", "asked")
	b.until(t, `document.querySelector("#ask-renew .alert").textContent.includes("The event was changed since it was imported (name)")`)
	b.do(t, chromedp.Click(chromedp.CSS("#ask-renew button[type=submit]")))

	b.do(t, chromedp.Click(chromedp.CSS("[data-ask=ask-discard]")))
	b.answer(t, "discard", "asked")
	b.until(t, `document.querySelector("#ask-discard .alert").textContent.includes("The event was changed since it was imported (name)")`)
	b.look(t, "import-discard-edited")
	b.answer(t, "discard", "forced")
	b.until(t, `document.getElementById("headline").textContent === "Removed" && `+ended)
	b.until(t, `document.getElementById("import").dataset.cleaning === "false"`)
	b.is(t, `document.getElementById("result").hidden && document.getElementById("commands").hidden`)
	b.look(t, "import-discarded")
	b.do(t, chromedp.Navigate(event))
	b.until(t, `document.querySelector("h1") !== null`)
	b.is(t, `!document.body.textContent.includes("A better name")`)
	b.quiet(t, "409", "404")
}

func TestReplayBeginsWithTheStepThatIsChosen(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere, "USHER_MAX_TRIES=1")
	db := refuse(t)
	b := open(t)
	b.signIn(t, u.link)
	b.upload(t, madeUp(t, 12, 6))
	b.until(t, ended)
	_, err := db.ExecContext(t.Context(), `DROP FUNCTION refuse() CASCADE`)
	require.NoError(t, err)
	b.do(t, chromedp.Click(chromedp.ID("again")))
	b.until(t, `document.getElementById("ask-replay").open`)
	b.is(t, `[...document.getElementById("from-replay").options].map((o) => o.value).join(" ") === "event people schedule"`)
	b.is(t, `document.getElementById("from-replay").value === "schedule"`)
	b.look(t, "import-replay-asked")
	b.is(t, `(document.getElementById("from-replay").value = "people") === "people"`)
	b.answer(t, "replay", "asked")
	b.until(t, `document.getElementById("headline").textContent === "Done"`)
	b.until(t, ended)
	told := b.text(t, ".attempts > li:first-child")
	require.Contains(t, told, "Attempt 2")
	require.Contains(t, told, "from the step “People” on")
	b.is(t, `[...document.querySelectorAll("[data-stage]")].slice(1, -1).every((s) => / s$/.test(s.querySelector(".time")?.textContent))`)
	b.look(t, "import-replayed")
	b.quiet(t)
}

func TestStageThatIsPausedIsSaidToBeAndTheImportGoesOn(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	require.Contains(t, u.administrator(t, "stage", "pause", "schedule", "--for", "1h"), "is paused until")
	b := open(t)
	b.signIn(t, u.link)
	b.upload(t, madeUp(t, 12, 6))
	b.until(t, `document.querySelector("[data-stage=schedule]").dataset.mark === "held"`)
	require.Equal(t, "Held up", b.text(t, "#headline"))
	require.Contains(t, b.text(t, "#stalled"), "The step “Schedule” is paused until")
	require.Contains(t, b.text(t, "[data-stage=schedule]"), "paused")
	b.look(t, "import-paused")
	u.administrator(t, "stage", "resume", "schedule")
	b.until(t, ended)
	require.Equal(t, "Done", b.text(t, "#headline"))
	b.is(t, `document.getElementById("stalled").hidden`)
	b.quiet(t)
}

func TestFindingsComeInWhileTheImportRunsAndAreNarrowedAndGrouped(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	letGo := hold(t)
	b := open(t)
	b.signIn(t, u.link)
	b.upload(t, sessionsAtNoon(t))
	b.until(t, `document.querySelector("#issues .group") !== null`)
	b.is(t, `document.getElementById("import").dataset.final === "false"`)
	b.look(t, "import-findings-running")
	// What was closed by hand stays so, whatever else comes in.
	b.is(t, `(document.querySelector("#issues summary").click(), !document.querySelector("#issues .group").open)`)
	key := value[string](t, b, `document.querySelector("#issues .group").dataset.key`)
	letGo()
	b.until(t, ended)
	b.is(t, `!document.querySelector("#issues .group[data-key=`+key+`]").open`)

	b.do(t, chromedp.Click(chromedp.CSS("#findings nav:last-of-type li:last-child a")))
	b.until(t, `location.search === "?by=file" && `+importShown)
	b.is(t, `[...document.querySelectorAll("#issues .what")].some((w) => w.textContent === "sessions")`)
	b.look(t, "import-findings-by-file")
	b.do(t, chromedp.Click(chromedp.CSS("#findings nav:first-of-type li:nth-child(2) a")))
	b.until(t, `location.search === "?by=file&severity=error" && `+importShown)
	b.is(t, `[...document.querySelectorAll("#issues tbody .severity")].every((s) => s.dataset.severity === "error")`)
	b.quiet(t)
}

// What is pressed while the import goes on, and let go when it has ended, was pressed.
func TestPressIsNoneTheLessOneWhenThePageChangesMeanwhile(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	letGo := hold(t)
	b := open(t)
	b.signIn(t, u.link)
	b.upload(t, sessionsAtNoon(t))
	b.until(t, `document.querySelector("#issues .group") !== null`)
	press, release := b.press(t, "#issues summary")
	press()
	letGo()
	b.until(t, ended)
	release()
	b.until(t, `document.getElementById("headline").textContent === "Done"`)
	b.is(t, `!document.querySelector("#issues .group").open`)
	b.quiet(t)
}

// sessionsAtNoon is an archive of thirty sessions, about each of which there is something
// to say.
func sessionsAtNoon(t *testing.T) string {
	t.Helper()
	var sessions strings.Builder
	sessions.WriteString("[")
	for n := range 30 {
		if n > 0 {
			sessions.WriteString(",\n")
		}
		sessions.WriteString(`{"id": ` + strings.Repeat("1", n+1) + `, "title": "Wicks", "starts_at": "at noon"}`)
	}
	sessions.WriteString("]")
	return zipped(t, map[string]string{
		"event":    `{"id": 1, "name": "Lakeside", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00"}`,
		"sessions": sessions.String(),
	})
}
