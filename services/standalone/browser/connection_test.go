//go:build browser

package browser_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

func TestPageSaysThatItsConnectionIsLostAndHealsAfterFiveSeconds(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	cable := u.lay(t)
	letGo := hold(t)
	b := open(t)
	b.signIn(t, u.link)
	b.upload(t, madeUp(t, 120, 60))
	b.until(t, inSchedule)
	cable.sever()
	gone := time.NewTimer(5 * time.Second)
	b.until(t, `!document.getElementById("connection").hidden`)
	b.is(t, inSchedule) // what was known stays
	letGo()
	<-gone.C
	b.is(t, `!document.getElementById("connection").hidden`)
	cable.mend()
	b.until(t, ended)
	b.until(t, `document.getElementById("connection").hidden`)
	require.Equal(t, "Done", b.text(t, "#headline"))
	b.is(t, `document.querySelector("[data-type=sessions] .count").textContent === "120 of 120"`)
	b.quiet(t, "net::ERR")
}

func TestUploadIsStoppedByItsButtonAndBrokenOffByTheNetwork(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	cable := u.lay(t)
	b := open(t)
	b.signIn(t, u.link)
	path := filepath.Join(t.TempDir(), "large.zip")
	large, err := os.Create(path)
	require.NoError(t, err)
	_, err = large.WriteString("PK\x03\x04") // else it is refused by its beginning
	require.NoError(t, err)
	require.NoError(t, large.Truncate(1<<30)) // far more than is on its way at once
	require.NoError(t, large.Close())
	cable.dam.Lock() // so nothing is sent but what is on its way, however long the test takes
	b.do(t, chromedp.SetUploadFiles(chromedp.ID("file"), []string{path}), chromedp.Click(chromedp.ID("send")))
	b.until(t, `!document.getElementById("sending").hidden && document.getElementById("sent").value > 0`)
	b.is(t, `document.getElementById("send").disabled && document.activeElement.id === "stop"`)
	b.look(t, "home-sending")
	b.do(t, chromedp.Click(chromedp.ID("stop")))
	cable.dam.Unlock()
	b.until(t, `document.getElementById("sending").hidden && !document.getElementById("send").disabled`)
	b.is(t, `location.pathname === "/" && document.getElementById("problem").hidden && document.activeElement.id === "send"`)

	cable.dam.Lock()
	b.do(t, chromedp.Click(chromedp.ID("check")))
	b.until(t, `!document.getElementById("sending").hidden && document.getElementById("sent").value > 0`)
	cable.sever()
	cable.dam.Unlock()
	b.until(t, `!document.getElementById("problem").hidden`)
	require.Contains(t, b.text(t, "#problem"), "The connection was lost")
	b.is(t, `!document.getElementById("send").disabled`)
	b.quiet(t, "net::ERR")
}

// late keeps what the stream of a page brings from the page: window.late are functions that
// deliver one message each, window.last is the state that the last one tells.
const late = `
	window.late = [];
	const listen = EventSource.prototype.addEventListener;
	EventSource.prototype.addEventListener = function (type, heard) {
		listen.call(this, type, type !== "message" ? heard : (event) => {
			window.late.push(() => heard(event));
			window.last = JSON.parse(event.data).state;
		});
	};`

func TestBarsDoNotGoBackByWhatTheStreamBringsLate(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	letGo := hold(t)
	b := open(t)
	_, err := chromedp.Call(b.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: late})
	require.NoError(t, err)
	b.signIn(t, u.link)
	b.upload(t, madeUp(t, 120, 60))
	b.until(t, `window.late.length > 0`)
	letGo()
	b.until(t, `window.last === "SUCCESS"`)
	const done = `document.querySelector("[data-type=sessions] .count")?.textContent === "120 of 120"`
	b.is(t, `!(`+done+`)`)
	b.do(t, chromedp.Evaluate[chromedp.Void](`window.late[0]()`))
	b.until(t, ended+` && `+done)
	b.do(t, chromedp.Evaluate[chromedp.Void](`window.late[0]()`))
	b.is(t, done)
}
