//go:build browser

package browser_test

import (
	_ "embed"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// overlaps tells which texts of a page stand over each other.
//
//go:embed testdata/overlaps.js
var overlaps string

// axe is axe-core, which tells what of a page not everybody can use.
var axe = sync.OnceValues(func() (string, error) {
	script, err := os.ReadFile(os.Getenv("AXE"))
	return string(script), err
})

// violations has axe look at the page as it is, by all its rules, and tells of each that
// is broken where it is first.
const violations = `axe.run(document, {resultTypes: ["violations"]}).then((found) => found.violations.map((v) =>
	v.id + ": " + v.help + ": " + v.nodes.length + " times, first " + v.nodes[0].target.join(" ") + " " + (v.nodes[0].any[0]?.message || "")).join("\n"))`

// readable fails the test where the page cannot be read by everybody: where it scrolls
// sideways, texts stand over each other, or axe has something to say.
func (b *tab) readable(t *testing.T, name string) {
	t.Helper()
	width := value[int](t, b, "document.documentElement.clientWidth")
	require.LessOrEqual(t, value[int](t, b, "document.documentElement.scrollWidth"), width, "%s scrolls sideways", name)
	require.Empty(t, value[[]string](t, b, overlaps), "%s, %d wide: texts that stand over each other", name, width)
	script, err := axe()
	require.NoError(t, err, "AXE names axe-core: make test-browser gets it")
	if !value[bool](t, b, `typeof axe !== "undefined"`) {
		b.is(t, script+"; true")
	}
	told, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](violations, chromedp.EvalAwaitPromise))
	require.NoError(t, err)
	require.Empty(t, strings.TrimSpace(told), "%s, %d wide", name, width)
}
