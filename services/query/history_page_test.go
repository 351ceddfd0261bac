package query_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

func TestHistoryShowsOnesOwnImportsAndIsNarrowedByItsForm(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	made := b.conference(t, olga).made("c4f1a9e2")
	failed := b.conference(t, olga)
	failed.carried.FileName = `<b>autumn</b>.zip`
	failed.request()
	failed.fail(contracts.Event, contracts.IssueCounts{Error: 2, Warning: 1})
	failed.waits(contracts.Failure, "The archive is not valid.")
	others := b.conference(t, paul).made("d5a2b8f1")

	b.requireLedTo(t, b.ask(t, nobody, http.MethodGet, "/imports"), "/signin")
	page := b.ask(t, olga, http.MethodGet, "/imports")
	requirePage(t, page, http.StatusOK)
	for _, text := range []string{
		"Your imports", `href="/imports/` + made.id, `href="/imports/` + failed.id, "Lakeside Open Days", "&lt;b&gt;autumn", "2 errors, 1 warning",
		"1 to 2 of 2", `aria-current="page">History`,
	} {
		require.Contains(t, page.text, text)
	}
	for _, text := range []string{others.id, "<b>autumn", "Operations", ">Who<", olga.Email} {
		require.NotContains(t, page.text, text)
	}
	all := b.ask(t, admin, http.MethodGet, "/imports")
	for _, text := range []string{"All imports", made.id, others.id, ">Who<", olga.Email, paul.Email, "Operations"} {
		require.Contains(t, all.text, text)
	}

	for filter, want := range map[string]*conference{
		"filter[state]=FAILURE&filter[kind]=&filter[search]=": failed, // as a browser sends a form
		"filter[search]=Autumn":                               failed,
		"filter[search]=open+days":                            made,
		"filter[state]=SUCCESS&filter[kind]=event-archive":    made,
	} {
		page := b.ask(t, olga, http.MethodGet, "/imports?"+filter)
		requirePage(t, page, http.StatusOK)
		require.Equal(t, 1, strings.Count(page.text, `<a href="/imports/`), filter)
		require.Contains(t, page.text, `<a href="/imports/`+want.id, filter)
	}
	none := b.ask(t, olga, http.MethodGet, "/imports?filter[search]=%22%3E%3Ci%3E")
	requirePage(t, none, http.StatusOK)
	require.Contains(t, none.text, "No import is like that.")
	require.NotContains(t, none.text, "<i>")
	second := b.ask(t, olga, http.MethodGet, "/imports?page[size]=1&page[number]=2&filter[kind]=event-archive")
	require.Contains(t, second.text, "2 to 2 of 2")
	require.Contains(t, second.text, `rel="prev" href="/imports?filter%5Bkind%5D=event-archive&amp;page%5Bnumber%5D=1`)
	b.requireProblem(t, b.ask(t, olga, http.MethodGet, "/imports?filter[state]=x"), http.StatusBadRequest, "bad_filter")
	b.requireProblem(t, b.ask(t, olga, http.MethodGet, "/imports?page[size]=0"), http.StatusBadRequest, "bad_page")
}
