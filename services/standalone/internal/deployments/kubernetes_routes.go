package deployments

import (
	"bytes"
	"cmp"
	_ "embed"
	"net/http"
	"slices"
	"strings"
	"text/template"

	"github.com/usher-events/usher/contracts"
)

//go:embed kubernetes_routes.yaml.tmpl
var routesText string

var routesTemplate = template.Must(template.New("routes").Parse(routesText))

// match is a condition of an HTTPRoute, and who answers what meets it.
//
// Only an exact path, a path's beginning and the method are asked for. Regular
// expressions could say the routes as they are, but each gateway reads them in its own
// way and has its own order among them; of these three the Gateway API says which
// one decides: the exact path, then the longest beginning, then the method.
type match struct {
	Path string
	// Exact is this path alone, else it is also all below it.
	Exact bool
	// Method is empty for all that no other match of the same path names.
	Method  string
	Service contracts.Service
}

// Type is the word of the Gateway API for how the path is compared.
func (m match) Type() string {
	if m.Exact {
		return "Exact"
	}
	return "PathPrefix"
}

// covers tells whether all that m's path stands for is below a beginning of other's.
func (m match) covers(other match) bool {
	if m.Exact {
		return other.Exact && m.Path == other.Path
	}
	return m.Path == other.Path || strings.HasPrefix(other.Path, m.Path+"/")
}

// matchOf is what tells a route from others, as far as its path is known.
func matchOf(r contracts.Route, method string) match {
	fixed, _, isWild := strings.Cut(r.Path, "/{")
	return match{Path: fixed, Exact: !isWild, Method: method, Service: r.Service}
}

// matches are the conditions that send every request of the routes to its service.
// Beginnings come before what is below them, and what the conditions before it decide
// alike is left out. A path that is known is sent somewhere by any method, so that a service
// says what is not possible there; what is not known, such as /metrics, to nobody.
func matches(routes []contracts.Route) []match {
	var all []match
	for _, r := range routes {
		all = append(all, matchOf(r, r.Method))
		if r.Method == http.MethodGet {
			all = append(all, matchOf(r, http.MethodHead))
		}
	}
	slices.SortStableFunc(all, func(a, b match) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(len(a.Path), len(b.Path)),
			cmp.Compare(a.Path, b.Path), cmp.Compare(preference(a.Method), preference(b.Method)))
	})
	var kept []match
	for _, m := range all {
		switch decides, found := decide(kept, m); {
		case !found:
			kept = append(kept, match{Path: m.Path, Exact: m.Exact, Service: m.Service})
		case decides != m.Service:
			kept = append(kept, m)
		}
	}
	return kept
}

// rank puts beginnings before exact paths, which decide over them.
func rank(m match) int {
	if m.Exact {
		return 1
	}
	return 0
}

// preference puts reading first: who shows what is at a path speaks for it.
func preference(method string) string {
	if method == http.MethodGet {
		return ""
	}
	return method
}

// decide is who answers a request of m by what is kept, the last that covers it and names
// its method or none.
func decide(kept []match, m match) (contracts.Service, bool) {
	var best *match
	for i, k := range kept {
		if !k.covers(m) || k.Method != "" && k.Method != m.Method {
			continue
		}
		if best == nil || cmp.Or(cmp.Compare(rank(k), rank(*best)), cmp.Compare(len(k.Path), len(best.Path)),
			cmp.Compare(len(k.Method), len(best.Method))) > 0 {
			best = &kept[i]
		}
	}
	if best == nil {
		return "", false
	}
	return best.Service, true
}

// kubernetesRoutes are the HTTPRoutes: one for each service that has any.
func kubernetesRoutes() ([]byte, error) {
	type route struct {
		Service contracts.Service
		Matches []match
	}
	var routes []route
	all := matches(contracts.Routes())
	for _, s := range contracts.Services() {
		own := slices.DeleteFunc(slices.Clone(all), func(m match) bool { return m.Service != s })
		if len(own) > 0 {
			routes = append(routes, route{s, own})
		}
	}
	var b bytes.Buffer
	err := routesTemplate.Execute(&b, map[string]any{"Routes": routes, "Port": port})
	return b.Bytes(), err
}
