package begin

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOriginTakesWhatIsSane(t *testing.T) {
	t.Parallel()
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for name, test := range map[string]struct {
		id, parent, state string
		want              Origin
	}{
		"all":                    {"request-1", parent, "a=1,b=2", Origin{"request-1", parent, "a=1,b=2"}},
		"a trace of no state":    {"r", parent, "", Origin{"r", parent, ""}},
		"a state of no trace":    {"r", "", "a=1", Origin{"r", "", ""}},
		"a broken trace":         {"r", "00-xyz-1-01", "a=1", Origin{"r", "", ""}},
		"a trace of zeros":       {"r", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "a=1", Origin{"r", "", ""}},
		"an invalid version":     {"r", "ff" + parent[2:], "a=1", Origin{"r", "", ""}},
		"a state that is binary": {"r", parent, "a=\x01", Origin{"r", parent, ""}},
		"an endless state":       {"r", parent, strings.Repeat("a", 600), Origin{"r", parent, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodPost, "/", nil)
			for header, value := range map[string]string{"X-Request-Id": test.id, "Traceparent": test.parent, "Tracestate": test.state} {
				if value != "" {
					r.Header.Set(header, value)
				}
			}
			require.Equal(t, test.want, OriginOf(r))
		})
	}
}

func TestOriginMakesAnIDWhereThereIsNoSaneOne(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"", "two words", "a\nb", strings.Repeat("a", 129), `"quoted"`, "ü"} {
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		r.Header["X-Request-Id"] = []string{id}
		from := OriginOf(r)
		require.NotEqual(t, id, from.Correlation)
		require.Regexp(t, saneID, from.Correlation)
	}
}
