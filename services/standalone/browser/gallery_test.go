//go:build browser

package browser_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// heaviest is how many bytes may come over the wire for the first load of a page, without
// the pictures that an event brings along.
const heaviest = 100_000

// sight is a page to look at. Path may be relative to where usher serves, or a whole link.
type sight struct{ name, path string }

// weight is how many bytes the page has taken over the wire.
const weight = `[...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
	.filter((e) => !e.name.includes("/media/")).reduce((sum, e) => sum + e.transferSize, 0)`

// show looks at pages in both widths, light and dark.
func (b *tab) show(t *testing.T, u *usher, sights ...sight) {
	t.Helper()
	_, err := chromedp.Call(b.ctx, network.SetCacheDisabled, network.SetCacheDisabledParams{CacheDisabled: true})
	require.NoError(t, err)
	for _, s := range sights {
		path := s.path
		if strings.HasPrefix(path, "/") {
			path = u.url + path
		}
		b.do(t, chromedp.Navigate(path))
		b.arrives(t)
		bytes := value[int](t, b, weight)
		require.Less(t, bytes, heaviest, "%s: bytes over the wire", s.name)
		t.Logf("%-24s %6d bytes over the wire", s.name, bytes)
		for _, dark := range []bool{false, true} {
			b.dark(t, dark)
			b.look(t, s.name+map[bool]string{false: "-light", true: "-dark"}[dark])
		}
	}
}

// imported has an administrator import a file, and returns the id of the import, however it ends.
func (u *usher) imported(t *testing.T, path string, flags ...string) string {
	t.Helper()
	told, _ := u.as(t, operator, append([]string{"import", path, "--watch"}, flags...)...).CombinedOutput() // a list that fails is one of the sights
	_, id, found := strings.Cut(string(told), "Import    ")
	require.True(t, found, string(told))
	id, _, _ = strings.Cut(id, "\n")
	return id
}

func TestPagesOfAnUsherThatHasNothingYet(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.show(t, u, sight{"signin", "/signin"}, sight{"signin-refused", "/signin?refused"}, sight{"invitation", "/invitation"},
		sight{"help-archive", "/help/archive"}, sight{"event-missing", "/e/nothing"})
	b.signIn(t, u.link)
	b.show(t, u, sight{"empty-home", "/"}, sight{"missing", "/imports/0e4cf0a9-7e52-4a3c-9f0e-3f0f2b6ad2d1"},
		sight{"empty-history", "/imports"}, sight{"empty-users", "/users"}, sight{"empty-mails", "/mails"},
		sight{"empty-notifications", "/notifications"}, sight{"empty-operations", "/operations"})
	empty := u.imported(t, zipped(t, map[string]string{
		"event": `{"id": 1, "name": "An Empty Evening", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00", "timezone": "Europe/Zurich"}`,
	}))
	b.show(t, u, sight{"empty-import", "/imports/" + empty}, sight{"empty-event", u.eventOf(t, b, empty)})
}

func TestPagesOfAnEventOf500Sessions(t *testing.T) {
	t.Parallel()
	u := up(t, dataFolder(t), anywhere)
	b := open(t)
	b.signIn(t, u.link)
	done := u.imported(t, madeUp(t, 500, 200), "--publish")
	check := u.imported(t, madeUp(t, 500, 200), "--check")
	broken := u.imported(t, zipped(t, map[string]string{
		"event":    `{"id": 1, "name": "Wax & Wick", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00"}`,
		"sessions": "[\n  {\"id\": 1, \"title\": \"Wicks\"\n]",
	}))
	list := written(t, mixedCrew(40))
	checked := u.imported(t, list, "--check")
	lenient := u.imported(t, list, "--mode=lenient")
	b.show(t, u,
		sight{"home", "/"}, sight{"import", "/imports/" + done}, sight{"import-check", "/imports/" + check},
		sight{"import-broken", "/imports/" + broken}, sight{"list-check", "/imports/" + checked}, sight{"list-left-out", "/imports/" + lenient},
		sight{"import-users", "/imports/" + lenient + "/users"}, sight{"history", "/imports"}, sight{"history-narrowed", "/imports?filter%5Bstate%5D=FAILURE"},
		sight{"users", "/users"}, sight{"mails", "/mails"}, sight{"mail", b.linked(t, u, "/mails", "main a[href^='/mails/']")},
		sight{"notifications", "/notifications"}, sight{"operations", "/operations"},
	)
	event := u.eventOf(t, b, done)
	b.show(t, u,
		sight{"event", event}, sight{"event-list", event + "?view=list"}, sight{"event-tracks", event + "?view=tracks"},
		sight{"session", b.linked(t, u, event, "a[href*='/sessions/']")}, sight{"speakers", event + "/speakers"},
		sight{"speaker", b.linked(t, u, event+"/speakers", "a[href*='/speakers/']")},
	)
}

// linked is where the first link of a page leads to that a selector finds.
func (b *tab) linked(t *testing.T, u *usher, path, selector string) string {
	t.Helper()
	if strings.HasPrefix(path, "/") {
		path = u.url + path
	}
	b.do(t, chromedp.Navigate(path))
	b.arrives(t)
	return value[string](t, b, fmt.Sprintf("document.querySelector(%q).href", selector))
}

// eventOf is where the event of an import is shown.
func (u *usher) eventOf(t *testing.T, b *tab, id string) string {
	t.Helper()
	b.do(t, chromedp.Navigate(u.url+"/imports/"+id))
	b.until(t, `document.getElementById("event")?.href`)
	return value[string](t, b, `document.getElementById("event").href`)
}

// mixedCrew is a list of so many users, a few of them bad.
func mixedCrew(n int) string {
	var list strings.Builder
	list.WriteString("Nick;E-Mail;First name;City;T-shirt;Locker\n")
	for i := range n {
		nick := fmt.Sprintf("crew.%d", i)
		if i%10 == 9 {
			nick = "no nick at all"
		}
		fmt.Fprintf(&list, "%s;crew%d@crew.example;Kim %d;Llanfairpwllgwyngyll;XL;House %d\n", nick, i, i, i)
	}
	return list.String()
}
