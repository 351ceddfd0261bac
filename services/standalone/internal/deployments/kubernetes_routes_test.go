package deployments_test

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// gateway is who answers a request by the rules of the Gateway API: of all matches that
// fit it the exact path decides, then the longest beginning, then that a method is named.
// Two of the same weight would be decided by the age of the routes: that is an error.
func gateway(t *testing.T, routes map[string]object, method, path string) string {
	t.Helper()
	var best [3]int
	var to string
	for name, route := range routes {
		for _, rule := range route.Spec.Rules {
			for _, m := range rule.Matches {
				fits, weight := m.Path.Value == path, [3]int{1, 0, len(m.Method)}
				if m.Path.Type == "PathPrefix" {
					// By whole segments.
					fits, weight = fits || strings.HasPrefix(path, strings.TrimSuffix(m.Path.Value, "/")+"/"), [3]int{0, len(m.Path.Value), len(m.Method)}
				} else {
					require.Equal(t, "Exact", m.Path.Type)
				}
				if !fits || m.Method != "" && m.Method != method {
					continue
				}
				switch heavier := cmp.Or(cmp.Compare(weight[0], best[0]), cmp.Compare(weight[1], best[1]), cmp.Compare(weight[2], best[2])); {
				case to == "" || heavier > 0:
					best, to = weight, rule.BackendRefs[0].Name
				case heavier == 0:
					require.Equal(t, to, rule.BackendRefs[0].Name, "%s %s is anybody's: %s", method, path, name)
				}
			}
		}
	}
	return to
}

func TestRoutesSendEveryRequestWhereOneProcessWould(t *testing.T) {
	t.Parallel()
	routes := manifests(t, "production")["HTTPRoute"]
	mux := http.NewServeMux()
	for _, r := range contracts.Routes() {
		mux.HandleFunc(r.Pattern(), func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Service", string(r.Service)) })
	}
	tested := 0
	for _, path := range requestPaths() {
		somebody := false
		for _, method := range []string{"GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"} {
			req := httptest.NewRequestWithContext(t.Context(), method, path, nil)
			_, pattern := mux.Handler(req)
			if pattern == "" {
				continue
			}
			somebody = true
			answer := httptest.NewRecorder()
			mux.ServeHTTP(answer, req)
			require.Equal(t, answer.Header().Get("Service"), gateway(t, routes, method, path), "%s %s", method, path)
			tested++
		}
		if somebody { // a service tells what is not possible there, and who may ask from elsewhere
			require.NotEmpty(t, gateway(t, routes, "OPTIONS", path), path)
			require.NotEmpty(t, gateway(t, routes, "PUT", path), path)
		}
	}
	require.Greater(t, tested, len(contracts.Routes()))
	for _, path := range []string{"/metrics", "/livez", "/readyz", "/v1", "/v1/nothing", "/nothing", "/v1/eventsandmore", "/events"} {
		for _, method := range []string{"GET", "POST", "OPTIONS"} {
			require.Empty(t, gateway(t, routes, method, path), "%s %s", method, path)
		}
	}
}

// requestPaths are the paths of all routes, in which a place holds an id, or a word that is
// fixed elsewhere.
func requestPaths() []string {
	words := []string{"4711"}
	for _, r := range contracts.Routes() {
		for word := range strings.SplitSeq(r.Path, "/") {
			if word != "" && !strings.ContainsAny(word, "{}") {
				words = append(words, word)
			}
		}
	}
	var paths []string
	for _, r := range contracts.Routes() {
		for _, word := range words {
			var segments []string
			for segment := range strings.SplitSeq(r.Path, "/") {
				if strings.Contains(segment, "{") {
					segment = word
				}
				segments = append(segments, segment)
			}
			paths = append(paths, strings.Join(segments, "/"))
		}
	}
	// An event that is called "import" cannot be exported behind a gateway: what begins so is
	// ingest's there, and a rule has no place for a word within a path.
	paths = slices.DeleteFunc(paths, func(path string) bool { return path == "/v1/events/import/export/json" })
	slices.Sort(paths) // one without a place stands there once for each word
	return slices.Compact(paths)
}
