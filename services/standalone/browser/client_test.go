//go:build browser

package browser_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// frontend is a page of another origin that uses the client which Usher shows. What it
// hears it keeps in variables of the window.
const frontend = `<!doctype html><title>A frontend</title><input id="file" type="file"><script type="module">
	import { importArchive } from "%[1]s/help/client.js";
	window.sent = []; window.tasks = [];
	document.getElementById("file").onchange = async ({ target }) => {
		try {
			window.end = await importArchive("%[1]s", "%[2]s", target.files[0],
				(bytes, total) => window.sent.push([bytes, total]), (task) => window.tasks.push(task));
		} catch (error) {
			window.end = { state: String(error) };
		}
	};
	window.ready = true;
</script>`

// anotherFrontend serves the page for an Usher that lets it in, behind a proxy where one is
// given, and returns where it is.
func anotherFrontend(t *testing.T, behind func(u *usher) string) (page string) {
	t.Helper()
	var html string
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(html))
	}))
	t.Cleanup(web.Close)
	u := up(t, dataFolder(t), anywhere, "USHER_CORS_ORIGINS="+web.URL)
	html = fmt.Sprintf(frontend, behind(u), u.token(t, organizer))
	return web.URL
}

// streams are the streams that the page has had an answer to.
const streams = `performance.getEntriesByType("resource").filter((r) => r.name.includes("/stream?ticket=")).length`

func TestClientUploadsAndFollowsFromAPageOfAnotherOrigin(t *testing.T) {
	t.Parallel()
	b := open(t)
	page := anotherFrontend(t, func(u *usher) string { return u.url })
	letGo := hold(t)
	b.do(t, chromedp.Navigate(page))
	b.until(t, `window.ready`)
	path := madeUp(t, 200, 50)
	b.do(t, chromedp.SetUploadFiles(chromedp.ID("file"), []string{path}))
	b.until(t, `window.tasks.some((task) => task.state === "STARTED")`)
	letGo()
	b.until(t, `window.end`)
	require.Equal(t, "SUCCESS", value[string](t, b, `window.end.state`))
	b.is(t, `window.sent.length > 0 && window.sent.every(([bytes, total]) => bytes > 0 && bytes <= total)`)
	b.is(t, `window.tasks.every((task, n, all) => n === 0 || task.version >= all[n - 1].version)`)
	b.is(t, `window.tasks.at(-1).result.url !== ""`)
	require.Positive(t, value[int](t, b, streams))
}

func TestClientAsksWhereNoStreamGetsThrough(t *testing.T) {
	t.Parallel()
	b := open(t)
	var refused atomic.Int64
	page := anotherFrontend(t, func(u *usher) string {
		target, err := url.Parse(u.url)
		require.NoError(t, err)
		through := httputil.NewSingleHostReverseProxy(target)
		proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/stream") {
				refused.Add(1)
				http.Error(w, "no streams here", http.StatusBadGateway)
				return
			}
			through.ServeHTTP(w, r)
		}))
		t.Cleanup(proxy.Close)
		return proxy.URL
	})
	letGo := hold(t)
	b.do(t, chromedp.Navigate(page))
	b.until(t, `window.ready`)
	b.do(t, chromedp.SetUploadFiles(chromedp.ID("file"), []string{madeUp(t, 200, 50)}))
	b.until(t, `window.tasks.some((task) => task.state === "STARTED")`)
	require.Eventually(t, func() bool { return refused.Load() > 1 }, patience, 20*time.Millisecond)
	letGo()
	b.until(t, `window.end`)
	require.Equal(t, "SUCCESS", value[string](t, b, `window.end.state`))
}
