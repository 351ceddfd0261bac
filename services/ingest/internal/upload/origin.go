package upload

import (
	"crypto/rand"
	"net/http"
	"regexp"
	"strings"

	"github.com/usher-events/usher/pkg/problem"
)

var (
	saneID          = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,128}$`)
	saneTraceParent = regexp.MustCompile(`^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$`)
	saneTraceState  = regexp.MustCompile(`^[\x20-\x7e]{1,512}$`)
)

// The ids that stand for none.
const (
	noTrace = "-00000000000000000000000000000000-"
	noSpan  = "-0000000000000000-"
)

// origin says which request an import comes from, and which trace.
type origin struct {
	correlation string
	traceParent string
	traceState  string
}

// originOf takes the request's own id and trace where they are sane: both go
// into every message and log record of the import.
func originOf(r *http.Request) origin {
	from := origin{correlation: r.Header.Get(problem.RequestIDHeader)}
	if !saneID.MatchString(from.correlation) {
		from.correlation = rand.Text()
	}
	// https://www.w3.org/TR/trace-context: an invalid parent takes the state with it.
	parent, state := r.Header.Get("Traceparent"), strings.Join(r.Header.Values("Tracestate"), ",")
	if saneTraceParent.MatchString(parent) && !strings.HasPrefix(parent, "ff") &&
		!strings.Contains(parent, noTrace) && !strings.Contains(parent, noSpan) {
		from.traceParent = parent
		if saneTraceState.MatchString(state) {
			from.traceState = state
		}
	}
	return from
}
