package client_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// listOf serves a list of n entries, the ids counting down from n, in pages of
// at most most entries.
func listOf(n, most int, attributes string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		number, _ := strconv.Atoi(r.URL.Query().Get("page[number]"))
		size, _ := strconv.Atoi(r.URL.Query().Get("page[size]"))
		size = min(size, most)
		var entries []string
		for i := (number - 1) * size; i < min(n, number*size); i++ {
			entries = append(entries, fmt.Sprintf(`{"type":"import","id":"%d","attributes":%s}`, n-i, attributes))
		}
		next := ""
		if number*size < n {
			next = `,"next":"/v1/imports?page"`
		}
		_, _ = fmt.Fprintf(w, `{"data":[%s],"links":{"self":"/"%s}}`, strings.Join(entries, ","), next)
	}
}

func TestImportsFollowsThePagesUpToTheLimit(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, listOf(7, 3, `{}`))
	for limit, want := range map[int]int{1: 1, 3: 3, 4: 4, 7: 7, 500: 7} {
		imports, err := c.Imports(t.Context(), client.Filter{}, limit)
		require.NoError(t, err)
		require.Len(t, imports, want, "limit %d", limit)
		require.Equal(t, "7", imports[0].ID)
		require.Equal(t, strconv.Itoa(8-want), imports[want-1].ID)
	}
}

func TestImportsAsksForWhatTheFilterSays(t *testing.T) {
	t.Parallel()
	asked := make(map[string]string)
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		clear(asked)
		for name := range r.URL.Query() {
			asked[name] = r.URL.Query().Get(name)
		}
		_, _ = w.Write([]byte(`{"data":[],"links":{}}`))
	})
	_, err := c.Imports(t.Context(), client.Filter{}, 7)
	require.NoError(t, err)
	require.Equal(t, map[string]string{"page[number]": "1", "page[size]": "7"}, asked)
	_, err = c.Imports(t.Context(), client.Filter{
		State: contracts.Failure, Stage: contracts.Media, Code: "a&b", Kind: contracts.EventCheck,
		Since: time.Date(2026, 3, 4, 5, 6, 7, 8, time.FixedZone("", 3600)),
	}, 7)
	require.NoError(t, err)
	require.Equal(t, map[string]string{
		"page[number]": "1", "page[size]": "7", "filter[state]": "FAILURE", "filter[stage]": "media", "filter[code]": "a&b",
		"filter[kind]": "event-check", "filter[since]": "2026-03-04T04:06:07Z",
	}, asked)
}

func TestImportsReadsTheAttributes(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, listOf(1, 10, `{"kind":"event-archive","state":"SUCCESS","stage":"notify","attempt":1,
		"file-name":"fair.zip","size":12,"created-at":"2026-03-04T05:06:07Z","event-id":"24","result":{},"error":null}`))
	imports, err := c.Imports(t.Context(), client.Filter{}, 20)
	require.NoError(t, err)
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	require.Equal(t, []client.Import{{
		ID: "1", Kind: contracts.EventArchive, State: contracts.Success, Stage: contracts.Notify,
		FileName: "fair.zip", CreatedAt: &at, EventID: "24",
	}}, imports)
}

func TestImportsListsNoneTwiceWhenTheListMoves(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		pages := map[string]string{
			"1": `{"data":[{"id":"2"},{"id":"1"}],"links":{"next":"/more"}}`,
			"2": `{"data":[{"id":"1"},{"id":"0"}],"links":{}}`,
		}
		_, _ = w.Write([]byte(pages[r.URL.Query().Get("page[number]")]))
	})
	imports, err := c.Imports(t.Context(), client.Filter{}, 20)
	require.NoError(t, err)
	require.Equal(t, []client.Import{{ID: "2"}, {ID: "1"}, {ID: "0"}}, imports)
}

func TestIssuesReadsTheFirstPage(t *testing.T) {
	t.Parallel()
	asked := ""
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.Path + " " + r.URL.Query().Get("page[size]")
		_, _ = w.Write([]byte(`{"data":[{"severity":"warning","code":"media_missing","file":"speakers","pointer":"/0/photo","line":12,
			"source_id":"5","record_index":0,"message":"m","value":"v","hint":"h"}],"meta":{"total":40},"links":{"next":"/more"}}`))
	})
	issues, err := c.Issues(t.Context(), "7", 10)
	require.NoError(t, err)
	require.Equal(t, "/v1/imports/7/issues 10", asked)
	require.Equal(t, []contracts.Issue{{
		Severity: contracts.Warning, Code: "media_missing", File: "speakers", Pointer: "/0/photo", Line: 12,
		SourceID: "5", RecordIndex: new(0), Message: "m", Value: "v", Hint: "h",
	}}, issues)
}
