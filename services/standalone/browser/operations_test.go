//go:build browser

package browser_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// operating is true once the page of operations can be used.
const operating = `location.pathname === "/operations" && document.querySelector("[data-pause]")?.disabled === false`

// refreshed is true once the page has brought itself up to date since the last call.
const refreshed = `(() => {
	const now = performance.getEntriesByType("resource").filter((e) => e.name === location.href).length;
	const more = now > (window.refreshes ?? now);
	if (window.refreshes === undefined || more) window.refreshes = now;
	return more;
})()`

func TestFailedImportsAreChosenAndTriedAgainTogether(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere, "USHER_MAX_TRIES=1")
	db := refuse(t)
	b := open(t)
	b.signIn(t, u.link)
	var paths []string
	for range 3 {
		b.do(t, chromedp.Navigate(u.url))
		b.until(t, `document.getElementById("send")?.disabled === false`)
		b.upload(t, madeUp(t, 12, 6))
		b.until(t, ended)
		require.Equal(t, "Failed", b.text(t, "#headline"))
		paths = append(paths, value[string](t, b, "location.pathname"))
	}
	b.do(t, chromedp.Navigate(u.url+"/operations"))
	b.until(t, operating)
	b.is(t, `document.querySelectorAll("[data-choose]").length === 3 && document.getElementById("replay-chosen").disabled`)
	b.look(t, "operations")
	b.dark(t, true)
	b.look(t, "operations-dark")
	b.dark(t, false)

	// What is chosen, and where one is, outlasts that the page brings itself up to date.
	b.do(t, chromedp.Click(chromedp.CSS("#failed tbody tr:nth-child(1) input")), chromedp.Click(chromedp.CSS("#failed tbody tr:nth-child(3) input")))
	b.until(t, refreshed)
	b.until(t, refreshed)
	b.is(t, `[...document.querySelectorAll("[data-choose]")].map((box) => box.checked).join() === "true,false,true"`)
	b.is(t, `document.activeElement === document.querySelector("#failed tbody tr:nth-child(3) input")`)
	require.Equal(t, "2 chosen", b.text(t, "#chosen"))

	_, err := db.ExecContext(t.Context(), `DROP FUNCTION refuse() CASCADE`)
	require.NoError(t, err)
	b.do(t, chromedp.Click(chromedp.ID("replay-chosen")))
	b.until(t, `document.getElementById("replaying").open`)
	require.Equal(t, "Try 2 imports again?", b.text(t, "#replaying-title"))
	require.Equal(t, "2 from “Schedule”.", b.text(t, "#replaying-what"))
	b.look(t, "operations-again")
	b.do(t, chromedp.Click(chromedp.ID("replaying-go")))
	b.until(t, `document.getElementById("replaying-told").textContent === "2 of 2 have begun again."`)
	b.is(t, `document.getElementById("replaying-refused").hidden`)
	b.do(t, chromedp.Click(chromedp.ID("replaying-end")))
	b.until(t, `!document.getElementById("replaying").open && document.querySelectorAll("[data-choose]").length === 1`)
	b.is(t, `document.querySelector("[data-choose]").dataset.choose === "`+paths[1][len("/imports/"):]+`"`)

	// And all that are left, of which one has been tried again by somebody else meanwhile.
	b.do(t, chromedp.Click(chromedp.ID("replay-all")))
	b.until(t, `document.getElementById("replaying").open`)
	require.Equal(t, "Try 1 import again?", b.text(t, "#replaying-title"))
	u.administrator(t, "replay", paths[1][len("/imports/"):])
	b.do(t, chromedp.Click(chromedp.ID("replaying-go")))
	b.until(t, `document.getElementById("replaying-told").textContent === "0 of 1 have begun again."`)
	b.is(t, `document.querySelectorAll("#replaying-refused li").length === 1`)
	b.do(t, chromedp.Click(chromedp.ID("replaying-end")))
	b.until(t, `document.getElementById("failed").textContent.includes("No import like that has failed.")`)
	for _, path := range paths {
		b.do(t, chromedp.Navigate(u.url+path))
		b.until(t, ended+` && document.getElementById("headline").textContent === "Done"`)
	}
	b.quiet(t, "/replay") // the browser tells of every answer that refuses
}

func TestStepIsPausedAndGoesOnByItsButtons(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.signIn(t, u.link)
	b.do(t, chromedp.Navigate(u.url+"/operations"))
	b.until(t, operating)
	const media = `document.querySelector("#stages tbody[data-key=media]")`
	b.do(t, chromedp.Click(chromedp.CSS("[data-pause=media]")))
	b.until(t, `document.getElementById("pausing").open`)
	b.look(t, "operations-pause")
	b.do(t, chromedp.Click(chromedp.CSS("#pausing .plain")))
	b.until(t, `!document.getElementById("pausing").open`)
	b.is(t, media+`.dataset.paused === "false" && document.getElementById("done").hidden`)

	b.do(t, chromedp.Click(chromedp.CSS("[data-pause=media]")))
	b.until(t, `document.getElementById("pausing").open`)
	b.do(t, chromedp.SetValue(chromedp.ID("pause-for"), "1h"), chromedp.Click(chromedp.CSS("#pausing [value=yes]")))
	b.until(t, media+`.dataset.paused === "true" && document.getElementById("done").textContent === "“Pictures” is paused for 1 hour."`)
	b.is(t, `document.querySelector("[data-resume=media]").offsetHeight >= 24 && document.querySelector("[data-resume=people]").hidden`)

	u.administrator(t, "import", madeUp(t, 12, 6))
	b.until(t, media+`.querySelector("[data-key=media-event-archive] td:nth-child(3)").textContent === "1"`)
	b.look(t, "operations-paused")
	b.do(t, chromedp.Click(chromedp.CSS("[data-resume=media]")))
	b.until(t, media+`.dataset.paused === "false" && document.getElementById("done").textContent === "“Pictures” goes on."`)
	b.until(t, media+`.querySelector("[data-key=media-event-archive] td:last-child").textContent === "1"`)
	b.quiet(t)
}

func TestMessagesThatNobodyCouldReadAreLookedAtAndDiscarded(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.signIn(t, u.link)
	u.unreadable(t, "<b>one</b>", "two")
	b.do(t, chromedp.Navigate(u.url+"/operations"))
	b.until(t, operating+` && document.querySelectorAll("[data-discard]").length === 2`)
	b.look(t, "operations-dead")

	// One from the list, which is asked for once.
	b.do(t, chromedp.Click(chromedp.CSS("tr[data-key='2'] [data-discard]")))
	b.until(t, `document.getElementById("discarding").open`)
	b.look(t, "operations-discard")
	b.do(t, chromedp.Click(chromedp.CSS("#discarding .plain")))
	b.until(t, `!document.getElementById("discarding").open`)
	b.is(t, `document.querySelectorAll("[data-discard]").length === 2`)
	b.do(t, chromedp.Click(chromedp.CSS("tr[data-key='2'] [data-discard]")))
	b.until(t, `document.getElementById("discarding").open`)
	b.do(t, chromedp.Click(chromedp.CSS("#discarding [value=yes]")))
	b.until(t, `document.querySelectorAll("[data-discard]").length === 1 && document.getElementById("done").textContent === "The message is gone."`)

	// The other one from its own page, which leads back to the list.
	b.do(t, chromedp.Click(chromedp.CSS("tr[data-key='1'] a")))
	b.until(t, `location.pathname === "/operations/dead/1" && document.querySelector("[data-discard]")?.disabled === false`)
	require.Equal(t, "<b>one</b>", b.text(t, "#payload"))
	b.look(t, "dead-message")
	b.do(t, chromedp.Click(chromedp.CSS("[data-discard]")))
	b.until(t, `document.getElementById("discarding").open`)
	b.do(t, chromedp.Click(chromedp.CSS("#discarding [value=yes]")))
	b.until(t, operating+` && document.querySelector("[data-discard]") === null`)
	b.quiet(t)
}

// unreadable sends the first stage messages that are none, as a program that is not
// Usher's might.
func (u *usher) unreadable(t *testing.T, payloads ...string) {
	t.Helper()
	_, rest, ok := strings.Cut(u.log.String(), "msg=broker url=")
	require.True(t, ok, u.log.String())
	url, _, _ := strings.Cut(rest, "\n")
	nc, err := nats.Connect(url, nats.Timeout(patience))
	require.NoError(t, err)
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	require.NoError(t, err)
	dead, err := js.Stream(t.Context(), contracts.Names{}.DeadStream())
	require.NoError(t, err)
	for i, payload := range payloads {
		subject := contracts.Names{}.Outcome(contracts.EventArchive, contracts.Ingest, strconv.Itoa(i), 1, contracts.OutcomeCompleted)
		_, err := js.Publish(t.Context(), subject, []byte(payload))
		require.NoError(t, err)
		// The stage has several workers: the next one comes when this one is put aside.
		require.Eventually(t, func() bool {
			_, err := dead.GetMsg(t.Context(), uint64(i)+1)
			return err == nil
		}, patience, 20*time.Millisecond)
	}
}
