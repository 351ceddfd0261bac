package deployments

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/usher-events/usher/contracts"
)

// frontHead and frontTail stand around the table of routes.
const (
	frontHead = `# The one origin in front of the services, for Caddy.
# Made from contracts/routes.go by "make deployments"; a change here would be lost.
{
	# Nobody has to change this while it runs.
	admin off
}

# Without a name it serves plain HTTP for any host. With a name Caddy gets a
# certificate for it, and has to be reached on the ports 80 and 443.
{$USHER_SITE::8080} {
	# Who answers what. The first line that fits decides. Paths that are not
	# here, such as each service's own /metrics, /livez and /readyz, do not exist.
	map "{method} {path}" {upstream} {
`
	frontTail = `		default ""
	}

	@unknown vars {upstream} ""
	handle @unknown {
		header Content-Type application/problem+json
		respond ` + "`" + `{"type":"about:blank","title":"Not Found","status":404,"detail":"There is nothing at this address.","code":"not_found"}` + "`" + ` 404
	}
	handle {
		# Nothing is held back on the way: request bodies are passed on as they
		# come and may have any size (ingest has the limit), and answers whose
		# length is not known, such as those that follow a task, go out at once.
		reverse_proxy {upstream} {
			# A service that is just being replaced is knocked at again.
			lb_try_duration 5s
		}
	}
	handle_errors {
		header Content-Type application/problem+json
		respond ` + "`" + `{"type":"about:blank","title":"{err.status_text}","status":{err.status_code},"detail":"Usher cannot answer at the moment.","code":"unavailable"}` + "`" + ` {err.status_code}
	}
}
`
)

// port is where each service listens in its container.
const port = "8080"

// Address is where the front reaches a service: its name in compose.yaml.
func Address(s contracts.Service) string { return string(s) + ":" + port }

// Caddyfile is the configuration of the front.
func Caddyfile() []byte {
	var b strings.Builder
	b.WriteString(frontHead)
	routes := mostSpecificFirst(contracts.Routes())
	for _, r := range routes {
		line(&b, methods(r.Method), r.Path, r.Service)
	}
	b.WriteString("\n\t\t# The same paths by other methods: a service says that this is not possible,\n" +
		"\t\t# and tells browsers what pages of other origins may do.\n")
	var seen []string
	for _, r := range routes {
		if !slices.Contains(seen, r.Path) {
			seen = append(seen, r.Path)
			line(&b, "[A-Z]+", r.Path, r.Service)
		}
	}
	b.WriteString(frontTail)
	return []byte(b.String())
}

func line(b *strings.Builder, method, path string, s contracts.Service) {
	fmt.Fprintf(b, "\t\t\"~^%s %s$\" %s\n", method, expression(path), Address(s))
}

// methods are those that a handler of the given method answers in net/http.
func methods(method string) string {
	if method == http.MethodGet {
		return "(GET|HEAD)"
	}
	return method
}

// expression is the regular expression of a path of net/http's ServeMux.
func expression(path string) string {
	var segments []string
	for segment := range strings.SplitSeq(path, "/") {
		switch {
		case strings.HasSuffix(segment, "...}"):
			segments = append(segments, ".*")
		case wild(segment):
			segments = append(segments, "[^/]+")
		default:
			segments = append(segments, regexp.QuoteMeta(segment))
		}
	}
	return strings.Join(segments, "/")
}

func wild(segment string) bool { return strings.HasPrefix(segment, "{") }

// mostSpecificFirst orders routes so that the first that fits is the one that
// ServeMux would choose. Of two that fit one request ServeMux takes the one
// that fits less, and refuses two of which none does. That one has a fixed
// segment wherever the two differ, so it is enough to put fixed segments before
// wild ones. What is equal by that stays in the order of the contracts.
func mostSpecificFirst(routes []contracts.Route) []contracts.Route {
	sorted := slices.Clone(routes)
	slices.SortStableFunc(sorted, func(a, b contracts.Route) int {
		return slices.CompareFunc(strings.Split(a.Path, "/"), strings.Split(b.Path, "/"), func(a, b string) int {
			return cmp.Or(cmp.Compare(wildness(a), wildness(b)), cmp.Compare(fixed(a), fixed(b)))
		})
	})
	return sorted
}

// wildness is how many paths a segment fits: one, many, or with all behind it.
func wildness(segment string) int {
	switch {
	case strings.HasSuffix(segment, "...}"):
		return 2
	case wild(segment):
		return 1
	default:
		return 0
	}
}

// fixed is what sorts a segment among its like: the names of wild ones do not.
func fixed(segment string) string {
	if wild(segment) {
		return ""
	}
	return segment
}
