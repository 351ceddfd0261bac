//go:build browser

package browser_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// The widths that the pages are looked at in: a desk's and a phone's.
const (
	wide   = 1280
	narrow = 390
)

// tab is a window of Chromium and what it has complained of.
type tab struct {
	ctx context.Context

	mu sync.Mutex
	// complaints are errors of the console, what the policy has kept from being
	// done, and exceptions of the script.
	complaints []string
	// pages are the documents that were loaded, in their order.
	pages []string
	// traced is what a trace has recorded, complete from its end on.
	traced   [][]byte
	complete bool
}

// open starts a browser of its own, with nothing remembered.
func open(t *testing.T) *tab {
	t.Helper()
	path := os.Getenv("CHROMIUM")
	require.NotEmpty(t, path, "CHROMIUM names the browser: make test-browser finds it")
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WindowSize(wide, 900),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("force-prefers-reduced-motion", true), chromedp.WSURLReadTimeout(patience))
	ctx, cancel := context.WithTimeout(context.Background(), 10*patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	b := new(tab)
	b.ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(b.hear))
	t.Cleanup(cancel)
	return b
}

func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			b.complaints = append(b.complaints, fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	case *runtime.EventExceptionThrown:
		b.complaints = append(b.complaints, fmt.Sprintf("exception: %+v", e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.complaints = append(b.complaints, fmt.Sprintf("console: %v", e.Args))
		}
	case *tracing.EventDataCollected:
		for _, event := range e.Value {
			b.traced = append(b.traced, event)
		}
	case *tracing.EventTracingComplete:
		b.complete = true
	case *page.EventFrameNavigated:
		if e.Frame.ParentID == "" {
			b.pages = append(b.pages, e.Frame.URL)
		}
	}
}

// do runs actions, and fails the test where one is not done.
func (b *tab) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	require.NoError(t, chromedp.Do(b.ctx, actions...))
}

// value evaluates an expression.
func value[T any](t *testing.T, b *tab, expression string) T {
	t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	require.NoError(t, err, expression)
	return v
}

// is evaluates an expression that must be true.
func (b *tab) is(t *testing.T, expression string) {
	t.Helper()
	require.True(t, value[bool](t, b, expression), expression)
}

// until waits for an expression to become true of a page that is all there: what is
// missing from one that still loads may come yet. A page that is just being left has
// no answer, which is not the end of waiting.
func (b *tab) until(t *testing.T, expression string) {
	t.Helper()
	require.Eventually(t, func() bool {
		is, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](`document.readyState === "complete" && Boolean(`+expression+`)`))
		return err == nil && is
	}, patience, 20*time.Millisecond, "%s\n%s", expression, shown{b})
}

// arrives waits for the page to be all there.
func (b *tab) arrives(t *testing.T) {
	t.Helper()
	b.until(t, "true")
}

// press is the two halves of a click on an element, at where it is now.
func (b *tab) press(t *testing.T, selector string) (press, release func()) {
	t.Helper()
	at := value[[]float64](t, b, `(() => {
		const one = document.querySelector("`+selector+`");
		one.scrollIntoView({ block: "nearest" });
		const { x, y, width, height } = one.getBoundingClientRect();
		return [x + width / 2, y + height / 2];
	})()`)
	half := func(which input.DispatchMouseEventType) func() {
		return func() {
			b.do(t, chromedp.MouseEvent(which, at[0], at[1], chromedp.ButtonLeft, func(e *input.DispatchMouseEventParams) {
				e.ClickCount = 1
			}))
		}
	}
	return half(chromedp.MousePressed), half(chromedp.MouseReleased)
}

// shown is what a page shows at the moment when a test tells of it.
type shown struct{ b *tab }

func (s shown) String() string {
	text, err := chromedp.Run(s.b.ctx, chromedp.Evaluate[string]("location.href + '\\n' + document.body.innerText"))
	if err != nil {
		return err.Error()
	}
	return text
}

// dark has the browser prefer dark pages, or not.
func (b *tab) dark(t *testing.T, is bool) {
	t.Helper()
	scheme := "light"
	if is {
		scheme = "dark"
	}
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	require.NoError(t, err)
}

// text is what an element shows.
func (b *tab) text(t *testing.T, selector string) string {
	t.Helper()
	quoted, err := json.Marshal(selector)
	require.NoError(t, err)
	return strings.TrimSpace(value[string](t, b, "document.querySelector("+string(quoted)+").textContent"))
}

// quiet fails the test where the browser had something to complain of, but for
// what contains one of the given words.
func (b *tab) quiet(t *testing.T, but ...string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, complaint := range b.complaints {
		require.True(t, slices.ContainsFunc(but, func(word string) bool { return strings.Contains(complaint, word) }), complaint)
	}
}

// loaded are the paths of the documents that were loaded so far.
func (b *tab) loaded(u *usher) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var paths []string
	for _, url := range b.pages {
		paths = append(paths, strings.TrimPrefix(url, u.url))
	}
	return paths
}

// look takes a picture of the page in both widths, and fails the test where it cannot
// be read in one of them.
func (b *tab) look(t *testing.T, name string) {
	t.Helper()
	for _, width := range []int64{wide, narrow} {
		b.do(t, chromedp.EmulateViewport(width, 900))
		// The window becomes as high as the page, because a picture beyond it lacks what
		// scrolls in a box of its own.
		if height := value[int64](t, b, "document.documentElement.scrollHeight"); height <= 8000 { // more than a picture can hold
			b.do(t, chromedp.EmulateViewport(width, max(height, 900)))
		}
		picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
		require.NoError(t, err)
		path := filepath.Join(t.ArtifactDir(), fmt.Sprintf("%s-%d.png", name, width))
		require.NoError(t, os.WriteFile(path, picture, 0o600))
		b.readable(t, name)
	}
	b.do(t, chromedp.EmulateViewport(wide, 900))
}
