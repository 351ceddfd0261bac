//go:build browser

package browser_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// published imports an archive, shows its event to everybody, and returns where
// the event's page is.
func (u *usher) published(t *testing.T, archive string) string {
	t.Helper()
	told, err := u.as(t, organizer, "import", "--publish", "--watch", archive).CombinedOutput()
	require.NoError(t, err, string(told))
	answer, err := (&http.Client{Timeout: patience}).Get(u.url + "/v1/events")
	require.NoError(t, err)
	defer answer.Body.Close()
	var events struct {
		Data []struct{ Attributes struct{ Identifier string } }
	}
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&events))
	require.Len(t, events.Data, 1)
	return u.url + "/e/" + events.Data[0].Attributes.Identifier
}

// visit opens a page and waits until it is there.
func (b *tab) visit(t *testing.T, address string) {
	t.Helper()
	b.do(t, chromedp.Navigate(address))
	b.arrives(t)
}

// zone has the browser be in a zone.
func (b *tab) zone(t *testing.T, name string) {
	t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: name})
	require.NoError(t, err)
}

// crowded is an archive of one day with so many sessions in so many rooms, every
// second of which overlaps with another one of its room.
func crowded(t *testing.T, sessions, rooms int) string {
	t.Helper()
	var talks, places []string
	for i := range sessions {
		hour, minute := 8+i/rooms*20/60, i/rooms*20%60
		talks = append(talks, fmt.Sprintf(`{"id": %d, "title": "Talk %[1]d of something that is long enough for two lines", "state": "accepted",
			"start_time": "2031-05-02T%02d:%02d:00", "end_time": "2031-05-02T%02d:%02d:00", "track": {"id": %d}, "microlocation": {"id": %d}}`,
			i+1, hour, minute, hour, minute+15+4*(i%2), i%6+1, i%rooms+1))
	}
	for i := range rooms {
		places = append(places, fmt.Sprintf(`{"id": %d, "name": "Room %[1]d"}`, i+1))
	}
	var tracks []string
	for i, color := range []string{"#1f5fbf", "#ffd400", "#7a3db8", "#00b3a4", "#eeeeee", "#111111"} {
		tracks = append(tracks, fmt.Sprintf(`{"id": %d, "name": "Track %[1]d", "color": %q}`, i+1, color))
	}
	list := func(records []string) string { return "[" + strings.Join(records, ",") + "]" }
	return zipped(t, map[string]string{
		"event":    `{"id": 1, "name": "Crowded Day", "timezone": "Europe/Zurich", "start_time": "2031-05-02T08:00:00", "end_time": "2031-05-02T23:00:00"}`,
		"sessions": list(talks), "tracks": list(tracks), "microlocations": list(places),
	})
}

// tidy is true where no session of a grid lies over another one, or has a text
// that is longer than its box.
const tidy = `[...document.querySelectorAll(".grid")].every((grid) => {
	const boxes = [...grid.querySelectorAll(".s")].map((s) => ({s, box: s.getBoundingClientRect()}));
	const over = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
	return boxes.length > 0 && boxes.every(({s, box}, i) => s.scrollHeight <= s.clientHeight + 1 && boxes.slice(i + 1).every((other) => !over(box, other.box)));
})`

// legible is true where all texts of the schedule have a contrast of 4.5 on what
// is behind them.
const legible = `(() => {
	const light = (color) => {
		const [r, g, b] = color.match(/[\d.]+/g).map((v) => { v /= 255; return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; });
		return .2126 * r + .7152 * g + .0722 * b;
	};
	return [...document.querySelectorAll("#schedule .s, #schedule .track > h3")].every((s) => {
		const ground = light(getComputedStyle(s).backgroundColor);
		return [s, ...s.querySelectorAll("a, div")].every((e) => {
			const ink = light(getComputedStyle(e).color);
			return (Math.max(ink, ground) + .05) / (Math.min(ink, ground) + .05) >= 4.5;
		});
	});
})()`

func TestScheduleIsAGridOfRoomsByTimeAndAList(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	event := u.published(t, madeUp(t, 60, 40))
	b := open(t)
	b.zone(t, "Africa/Nairobi")
	b.visit(t, event)
	b.is(t, tidy)
	b.is(t, `[...document.querySelectorAll(".grid")].every((g) => g.tabIndex === 0 && g.getAttribute("aria-label").endsWith("rooms by time"))`)

	// Headings and times stay where they are while the grid moves below them.
	b.do(t, chromedp.EmulateViewport(1000, 500))
	b.is(t, `(() => {
		const box = document.querySelector(".grid");
		box.style.width = "30rem";
		box.scrollTo(200, 300);
		const frame = box.getBoundingClientRect(), at = (selector) => box.querySelector(selector).getBoundingClientRect();
		return box.scrollLeft > 0 && box.scrollTop === 300 && Math.abs(at(".room").top - frame.top) < 2 && Math.abs(at(".clock").left - frame.left) < 2;
	})()`)
	b.do(t, chromedp.EmulateViewport(wide, 900))

	for _, dark := range []bool{false, true} {
		b.dark(t, dark)
		name := map[bool]string{false: "", true: "-dark"}[dark]
		for _, view := range []string{"rooms", "list", "tracks"} {
			b.visit(t, event+"?view="+view)
			b.is(t, legible)
			b.look(t, "event-"+view+name)
		}
	}
	b.dark(t, false)

	// A phone shows the list in the place of the grid.
	b.do(t, chromedp.EmulateViewport(narrow, 844))
	b.visit(t, event)
	b.is(t, `getComputedStyle(document.querySelector(".grid")).display === "block"`)
	b.is(t, `document.querySelector(".ways a").getClientRects().length === 0`)
	b.is(t, `[...document.querySelectorAll("#schedule a, .jump a, .actions a, .person")].filter((a) => a.getClientRects().length > 0)
		.every((a) => a.getBoundingClientRect().height >= 24)`)
	b.do(t, chromedp.EmulateViewport(wide, 900))

	// By keyboard to another way, to a session, its speaker, and back.
	b.visit(t, event)
	b.do(t, chromedp.Focus(chromedp.CSS(`.ways a[href*="view=tracks"]`)), chromedp.KeyEvent("\r"))
	b.until(t, `location.search === "?view=tracks"`)
	b.is(t, `document.querySelector(".ways [aria-current=page]").textContent === "By track"`)
	b.do(t, chromedp.Focus(chromedp.CSS(`#schedule .s a`)), chromedp.KeyEvent("\r"))
	b.until(t, `location.pathname.includes("/sessions/")`)
	b.look(t, "event-session")
	b.do(t, chromedp.Focus(chromedp.CSS(`.person`)), chromedp.KeyEvent("\r"))
	b.until(t, `location.pathname.includes("/speakers/")`)
	b.look(t, "event-speaker")
	b.do(t, chromedp.Focus(chromedp.CSS(`.back a`)), chromedp.KeyEvent("\r"))
	b.until(t, `location.pathname === "`+strings.TrimPrefix(event, u.url)+`"`)
	b.visit(t, event+"/speakers")
	b.look(t, "event-speakers")

	// On paper it is the list.
	b.visit(t, event)
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
	require.NoError(t, err)
	b.is(t, `getComputedStyle(document.querySelector(".grid")).display === "block"`)
	b.look(t, "event-printed")
	printed, err := chromedp.Call(b.ctx, page.PrintToPDF, page.PrintToPDFParams{})
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(printed.Data, []byte("%PDF-")))
	b.quiet(t)
}

func TestTimesAreThoseOfTheEventAndOfWhoLooks(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	event := u.published(t, crowded(t, 12, 3))
	b := open(t)
	first := func() string { return b.text(t, ".s time") }

	b.zone(t, "Europe/Berlin") // another name for the same clock
	b.visit(t, event)
	b.is(t, `document.querySelector(".switch").hidden && document.querySelector(".here").hidden`)

	b.zone(t, "Pacific/Auckland")
	b.visit(t, event)
	b.until(t, `!document.querySelector(".switch").hidden`)
	require.Equal(t, "Where you are: Fri 2 May, 18:00 – Sat 3 May, 09:00 (Pacific/Auckland)", strings.ReplaceAll(b.text(t, ".here"), "Fri, ", "Fri "))
	require.Equal(t, "08:00", first())
	b.look(t, "event-elsewhere")
	b.do(t, chromedp.Focus(chromedp.CSS(".switch")), chromedp.KeyEvent(" "))
	require.Equal(t, "18:00", first())
	b.is(t, `document.querySelector(".switch").getAttribute("aria-pressed") === "true"`)
	require.Equal(t, "Pacific/Auckland", b.text(t, ".zone"))
	b.do(t, chromedp.Click(chromedp.CSS(".switch")))
	require.Equal(t, "08:00", first())
	require.Equal(t, "Europe/Zurich (UTC+2:00)", b.text(t, ".zone"))

	b.zone(t, "Pacific/Honolulu") // where it is the day before
	b.visit(t, event)
	b.do(t, chromedp.Click(chromedp.CSS(".switch")))
	require.Equal(t, "Thu 20:00", first())
	b.quiet(t)
}

// scroll moves a grid to its end and back, in both directions at once, and the
// page below it, and says by window.longest how long the longest task was.
const scroll = `(() => {
	const long = [], box = document.querySelector(".grid");
	const observer = new PerformanceObserver((list) => long.push(...list.getEntries()));
	observer.observe({type: "longtask"});
	const steps = 240;
	let step = 0;
	const move = () => {
		const there = 1 - Math.abs(2 * step / steps - 1);
		box.scrollTo(there * (box.scrollWidth - box.clientWidth), there * (box.scrollHeight - box.clientHeight));
		scrollTo(0, (step % 60) * 10);
		if (++step <= steps) {
			requestAnimationFrame(move);
			return;
		}
		setTimeout(() => { window.longest = Math.max(0, ...long.concat(observer.takeRecords()).map((task) => task.duration)); }, 100);
	};
	requestAnimationFrame(move);
	return true;
})()`

// traceScroll scrolls and returns how long the longest task of the page's main
// thread was, and how much of that it has computed: the rest is time in which
// the machine did something else.
func (b *tab) traceScroll(t *testing.T) (longest, computed float64) {
	t.Helper()
	b.mu.Lock()
	b.traced, b.complete = nil, false
	b.mu.Unlock()
	_, err := chromedp.Call(b.ctx, tracing.Start, tracing.StartParams{
		TransferMode: tracing.StartTransferModeReportEvents, TraceConfig: &tracing.TraceConfig{IncludedCategories: []string{"devtools.timeline", "toplevel"}},
	})
	require.NoError(t, err)
	b.is(t, scroll)
	b.until(t, `window.longest !== undefined`)
	_, err = chromedp.Call(b.ctx, tracing.End, cdp.Empty{})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.complete
	}, patience, 20*time.Millisecond)

	type thread struct{ Pid, Tid int }
	main := make(map[thread]bool)
	most := make(map[thread]float64) // in milliseconds
	tasks := 0
	for _, content := range b.traced {
		var event struct {
			thread
			Name string
			Tdur float64
			Args struct{ Name string }
		}
		if json.Unmarshal(content, &event) != nil {
			continue // one that has no number where others do
		}
		switch {
		case event.Name == "thread_name" && event.Args.Name == "CrRendererMain":
			main[event.thread] = true
		case strings.HasSuffix(event.Name, "RunTask"):
			most[event.thread] = max(most[event.thread], event.Tdur/1000)
			tasks++
		}
	}
	require.NotEmpty(t, main)
	require.Greater(t, tasks, 240, "each step is a task")
	for thread := range main {
		computed = max(computed, most[thread])
	}
	return value[float64](t, b, "window.longest"), computed
}

// The largest grid that a page has is half of such a day.
// It measures, so nothing runs beside it.
func TestLargestGridScrollsWithoutALongTask(t *testing.T) {
	u := up(t, dataFolder(t), anywhere)
	event := u.published(t, crowded(t, 2000, 50))
	b := open(t)
	best := 1000.0
	for range 3 {
		b.visit(t, event)
		b.is(t, `document.querySelectorAll(".grid .s").length === 1000`)
		b.is(t, `document.querySelector(".grid").scrollWidth > 5000`) // it is laid out now
		_, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())   // and painted
		require.NoError(t, err)
		longest, computed := b.traceScroll(t)
		t.Logf("longest task: %.0f ms, %.0f ms of them its own", longest, computed)
		if best = min(best, computed); best <= 50 {
			break
		}
	}
	require.LessOrEqual(t, best, 50.0)
	b.quiet(t)
}
