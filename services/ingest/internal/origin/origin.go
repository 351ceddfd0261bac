// Package origin says which request an import, or an attempt of one, comes from.
// Packages upload and replay put it into the messages with which they begin one.
package origin

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

// Origin is the id of a request and its trace.
type Origin struct {
	Correlation string
	TraceParent string
	TraceState  string
}

// Of takes the request's own id and trace where they are sane: both go into
// every message and log record of what the request begins.
func Of(r *http.Request) Origin {
	from := Origin{Correlation: r.Header.Get(problem.RequestIDHeader)}
	if !saneID.MatchString(from.Correlation) {
		from.Correlation = rand.Text()
	}
	// https://www.w3.org/TR/trace-context: an invalid parent takes the state with it.
	parent, state := r.Header.Get("Traceparent"), strings.Join(r.Header.Values("Tracestate"), ",")
	if saneTraceParent.MatchString(parent) && !strings.HasPrefix(parent, "ff") &&
		!strings.Contains(parent, noTrace) && !strings.Contains(parent, noSpan) {
		from.TraceParent = parent
		if saneTraceState.MatchString(state) {
			from.TraceState = state
		}
	}
	return from
}
