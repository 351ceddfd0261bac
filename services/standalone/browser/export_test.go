//go:build browser

package browser_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

func TestEventIsExportedByItsButtonDownloadedAndBroughtBack(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.signIn(t, u.link)
	event := u.eventOf(t, b, u.imported(t, madeUp(t, 60, 20), "--publish"))
	b.do(t, chromedp.Navigate(event))
	b.arrives(t)
	name := b.text(t, "h1")
	b.look(t, "event-of-its-owner")
	b.do(t, chromedp.Click(chromedp.CSS(".actions form button")))
	b.until(t, `location.pathname.startsWith("/imports/") && `+ended)
	require.Equal(t, "Done", b.text(t, "#headline"))
	require.Regexp(t, "^"+name+` is exported: an archive of [0-9.]+ [kM]B\.$`, b.text(t, "#outcome"))
	b.is(t, `document.querySelector("[data-type=sessions] .count").textContent === "60 of 60"`)
	b.is(t, `[...document.querySelectorAll("[data-stage]")].map((s) => s.dataset.stage + s.dataset.mark).join() === "ingestdone,querydone,notifydone"`)
	b.look(t, "export-done")
	b.dark(t, true)
	b.look(t, "export-done-dark")
	b.dark(t, false)

	folder := t.TempDir()
	b.downloadsTo(t, folder)
	file := filepath.Join(folder, b.text(t, "h1"))
	require.True(t, strings.HasPrefix(b.download(t, "#download", file), "PK"))
	again := u.eventOf(t, b, u.imported(t, file))
	require.NotEqual(t, event, again)
	b.do(t, chromedp.Navigate(again))
	b.arrives(t)
	require.Equal(t, name, b.text(t, "h1"))

	// Who may only look has no button.
	other := open(t)
	other.do(t, chromedp.Navigate(event))
	other.arrives(t)
	other.is(t, `document.querySelector(".actions form") === null`)
	b.quiet(t)
	other.quiet(t)
}
