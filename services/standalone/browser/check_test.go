//go:build browser

package browser_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

func TestCheckIsFollowedAndImportedByItsButton(t *testing.T) {
	u := up(t, dataFolder(t), anywhere)
	token, err := program(t, "token", "--data", u.folder, "--email", "olga@organizers.example").Output()
	require.NoError(t, err)
	cmd := program(t, "import", madeUp(t, 12, 6), "--check", "--server", u.url)
	cmd.Env = append(cmd.Env, "USHER_TOKEN="+strings.TrimSpace(string(token)))
	told, err := cmd.Output()
	require.NoError(t, err, string(told))
	check, _, _ := strings.Cut(strings.TrimPrefix(string(told), "Import    "), "\n")

	b := open(t)
	b.signIn(t, u.another(t))
	b.do(t, chromedp.Navigate(u.url+"/imports/"+check))
	b.until(t, ended+` && document.getElementById("start")?.disabled === false`)
	require.Equal(t, "Checked", b.text(t, "#headline"))
	require.True(t, strings.HasSuffix(b.text(t, "#outcome"), " is checked. Nothing is imported yet."))
	b.is(t, `document.querySelector("[data-would=sessions] b").textContent === "12"`)
	b.is(t, `document.getElementById("look").hidden`)
	b.look(t, "check-done")
	b.do(t, chromedp.Click(chromedp.ID("start")))
	b.until(t, `location.pathname.startsWith("/imports/") && !location.pathname.endsWith("`+check+`") && `+ended)
	require.Equal(t, "Done", b.text(t, "#headline"))
	b.is(t, `!document.getElementById("look").hidden`)
	b.quiet(t)
}
