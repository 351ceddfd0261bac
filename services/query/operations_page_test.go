package query_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestOperationsShowAdministratorsStagesFailuresAndWhatNobodyCouldRead(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	made := b.conference(t, olga).made("c4f1a9e2")
	failed := b.conference(t, olga)
	failed.request()
	failed.fail(contracts.Event, contracts.IssueCounts{Error: 1})
	failed.waits(contracts.Failure, "The archive is not valid.")
	old := b.conference(t, paul)
	old.request()
	old.fail(contracts.Media, contracts.IssueCounts{})
	old.waits(contracts.Failure, "The archive is not valid.")
	_, err := b.res.DB.ExecContext(t.Context(), `UPDATE query.imports SET finished_at = now() - interval '3 days' WHERE id = ?`, old.id)
	require.NoError(t, err)
	b.bury(t, []byte("{<script>"))

	b.requireLedTo(t, b.ask(t, nobody, http.MethodGet, "/operations"), "/signin")
	requirePage(t, b.ask(t, olga, http.MethodGet, "/operations"), http.StatusNotFound)
	page := b.ask(t, admin, http.MethodGet, "/operations")
	requirePage(t, page, http.StatusOK)
	for _, text := range []string{
		`data-pause="media" data-name="Pictures"`, `data-key="event-event-archive"`, `data-paused="false"`,
		`data-choose="` + failed.id + `" data-stage="Check"`, "<code>invalid_archive</code>", "Try all 1 again", olga.Email,
		`href="/operations/dead/1"`, "no JSON", "event-archive-media",
	} {
		require.Contains(t, page.text, text)
	}
	require.NotContains(t, page.text, `data-paused="true"`)
	require.NotContains(t, page.text, made.id)
	require.NotContains(t, page.text, old.id, "what failed long ago was mostly given up")
	require.Regexp(t, `<tr data-key="event-event-archive">.*<td>0, 1 failed</td></tr>`, page.text)
	// The list for programs is the one that is shown.
	list := regexp.MustCompile(`data-list="([^"]+)"`).FindStringSubmatch(page.text)
	require.Len(t, list, 2)
	require.Equal(t, number("1"), at(b.ok(t, admin, strings.ReplaceAll(list[1], "&amp;", "&")).body, "meta", "total"))

	for query, want := range map[string]*conference{
		"since=week&filter[stage]=media&filter[code]=&filter[kind]=": old,
		"since=ever&filter[stage]=event":                             failed,
	} {
		page := b.ask(t, admin, http.MethodGet, "/operations?"+query)
		requirePage(t, page, http.StatusOK)
		require.Equal(t, 1, strings.Count(page.text, "data-choose="), query)
		require.Contains(t, page.text, `data-choose="`+want.id, query)
	}
	gone := b.ask(t, admin, http.MethodGet, "/operations?filter[code]=archive_gone&page[size]=5")
	require.Contains(t, gone.text, "No import like that has failed.")
	require.Contains(t, gone.text, `<option value="archive_gone" selected>`, "what is asked for can be seen")

	require.NoError(t, b.res.Broker.Pause(t.Context(), b.res.Broker.Names().ConsumersOf(contracts.Media)[0], time.Now().Add(time.Hour)))
	require.Regexp(t, `data-key="media" data-paused="true"`, b.ask(t, admin, http.MethodGet, "/operations").text)
}

func TestMessageThatNobodyCouldReadIsShownAsText(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.bury(t, []byte("{<script>alert(1)</script>"))
	b.bury(t, []byte{0xff, 0xfe, 0x00})
	b.requireLedTo(t, b.ask(t, nobody, http.MethodGet, "/operations/dead/1"), "/signin")
	requirePage(t, b.ask(t, olga, http.MethodGet, "/operations/dead/1"), http.StatusNotFound)
	page := b.ask(t, admin, http.MethodGet, "/operations/dead/1")
	requirePage(t, page, http.StatusOK)
	require.Contains(t, page.text, "{&lt;script&gt;alert(1)&lt;/script&gt;")
	require.Contains(t, page.text, "event-archive-media")
	require.NotContains(t, page.text, "Base64")
	other := b.ask(t, admin, http.MethodGet, "/operations/dead/2")
	require.Contains(t, other.text, ">//4A</pre>")
	require.Contains(t, other.text, "Base64")
	for _, sequence := range []string{"3", "0", "x", url.PathEscape("<b>")} {
		requirePage(t, b.ask(t, admin, http.MethodGet, "/operations/dead/"+sequence), http.StatusNotFound)
	}
}

func TestOperationsAreThereWhileTheBrokerIsAway(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	stop := b.project(t)
	failed := b.conference(t, olga)
	failed.request()
	failed.fail(contracts.Event, contracts.IssueCounts{Error: 1})
	failed.waits(contracts.Failure, "The archive is not valid.")
	stop()
	b.res.Broker.Close()
	require.Eventually(t, func() bool { return b.res.Broker.Ping(context.Background()) != nil }, soon, 10*time.Millisecond)
	page := b.ask(t, admin, http.MethodGet, "/operations")
	requirePage(t, page, http.StatusOK)
	require.Contains(t, page.text, "The broker does not answer")
	require.Contains(t, page.text, `data-choose="`+failed.id)
	require.NotContains(t, page.text, "data-pause=")
}
