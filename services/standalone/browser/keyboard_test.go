//go:build browser

package browser_test

import (
	"testing"

	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"
)

// tabTo goes on by the tabulator until an element has the focus, which must show.
func (b *tab) tabTo(t *testing.T, selector string) {
	t.Helper()
	for range 60 {
		if value[bool](t, b, `document.activeElement.matches("`+selector+`")`) {
			b.is(t, `document.activeElement.matches(":focus-visible") && getComputedStyle(document.activeElement).outlineStyle !== "none"`)
			return
		}
		b.do(t, chromedp.KeyEvent(kb.Tab))
	}
	require.FailNow(t, "the tabulator does not lead there", "%s\n%s", selector, shown{b})
}

func TestEverythingFromSigningInToTheEventIsDoneByTheKeyboard(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	const password = "Laterne & Öl 1848"
	u.account(t, "olga", password)
	b := open(t)
	b.do(t, chromedp.Navigate(u.url))
	b.until(t, signInShown)
	b.tabTo(t, "#login")
	b.do(t, chromedp.KeyEvent("olga"))
	b.tabTo(t, "#password")
	b.do(t, chromedp.KeyEvent(password+kb.Enter))
	b.until(t, `location.pathname === "/" && document.getElementById("send")?.disabled === false`)

	// The window in which a file is chosen is the system's own; it opens by the keyboard,
	// and the test answers in its place.
	chosen := make(chan *page.EventFileChooserOpened, 1)
	require.NoError(t, chromedp.Listen(b.ctx, func(event any) {
		if e, ok := event.(*page.EventFileChooserOpened); ok {
			chosen <- e
		}
	}))
	_, err := chromedp.Call(b.ctx, page.SetInterceptFileChooserDialog, page.SetInterceptFileChooserDialogParams{Enabled: true})
	require.NoError(t, err)
	b.tabTo(t, "#file")
	b.do(t, chromedp.KeyEvent(kb.Enter))
	_, err = chromedp.Call(b.ctx, dom.SetFileInputFiles, dom.SetFileInputFilesParams{
		Files: []string{madeUp(t, 12, 6)}, BackendNodeID: (<-chosen).BackendNodeID,
	})
	require.NoError(t, err)
	b.until(t, `document.getElementById("kind").textContent.endsWith(": an archive.")`)
	b.tabTo(t, "#check")
	b.do(t, chromedp.KeyEvent(kb.Enter))
	b.until(t, importShown+` && `+ended+` && document.getElementById("start")?.disabled === false`)
	b.tabTo(t, "#start")
	b.do(t, chromedp.KeyEvent(kb.Enter))
	b.until(t, importShown+` && document.getElementById("event") !== null && `+ended)

	// What asks is left by Escape, and the focus is where it was.
	b.tabTo(t, "[data-ask=ask-discard]")
	b.do(t, chromedp.KeyEvent(kb.Enter))
	b.until(t, `document.getElementById("ask-discard").open && document.getElementById("ask-discard").contains(document.activeElement)`)
	b.do(t, chromedp.KeyEvent(kb.Escape))
	b.until(t, `!document.getElementById("ask-discard").open && document.activeElement.matches("[data-ask=ask-discard]")`)

	b.do(t, chromedp.Reload())
	b.until(t, importShown)
	b.tabTo(t, "#event")
	b.do(t, chromedp.KeyEvent(kb.Enter))
	b.until(t, `location.pathname.startsWith("/e/")`)
	b.quiet(t)
}
