package paging_test

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/paging"
)

func TestParseTakesThePageThatIsAskedFor(t *testing.T) {
	t.Parallel()
	p, err := paging.Parse(url.Values{})
	require.NoError(t, err)
	require.Equal(t, paging.Page{Number: 1, Size: paging.DefaultSize}, p)

	p, err = paging.Parse(url.Values{"page[number]": {"3"}, "page[size]": {"200"}})
	require.NoError(t, err)
	require.Equal(t, paging.Page{Number: 3, Size: 200}, p)
	require.Equal(t, 400, p.Offset())
}

func TestParseRefusesWhatIsNoPage(t *testing.T) {
	t.Parallel()
	for _, q := range []string{
		"page[number]=0", "page[number]=-1", "page[number]=x", "page[number]=99999999999999999999",
		"page[size]=0", "page[size]=201", "page[size]=1e2",
	} {
		values, err := url.ParseQuery(q)
		require.NoError(t, err)
		_, err = paging.Parse(values)
		require.ErrorIs(t, err, paging.ErrBadPage, q)
	}
}

func TestLinksWalkAListFromEndToEnd(t *testing.T) {
	t.Parallel()
	u, err := url.Parse("/v1/imports?filter%5Bstate%5D=SUCCESS")
	require.NoError(t, err)
	link := func(n string) string {
		return "/v1/imports?filter%5Bstate%5D=SUCCESS&page%5Bnumber%5D=" + n + "&page%5Bsize%5D=2"
	}
	first := paging.Page{Number: 1, Size: 2}.Links(u, 5)
	require.Equal(t, paging.Links{Self: link("1"), First: link("1"), Next: link("2"), Last: link("3")}, first)
	last := paging.Page{Number: 3, Size: 2}.Links(u, 5)
	require.Equal(t, paging.Links{Self: link("3"), First: link("1"), Prev: link("2"), Last: link("3")}, last)
	beyond := paging.Page{Number: 9, Size: 2}.Links(u, 5)
	require.Equal(t, link("3"), beyond.Prev)
	require.Empty(t, beyond.Next)
}

func TestLinksOfAnEmptyListLeadToItself(t *testing.T) {
	t.Parallel()
	links := paging.Page{Number: 1, Size: 20}.Links(&url.URL{Path: "/v1/mails"}, 0)
	require.Equal(t, links.Self, links.Last)
	require.Empty(t, links.Prev)
	require.Empty(t, links.Next)
}
