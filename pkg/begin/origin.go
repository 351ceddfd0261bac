package begin

import (
	"crypto/rand"
	"net/http"
	"regexp"

	"go.opentelemetry.io/otel/trace"

	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/pkg/tracing"
)

var saneID = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,128}$`)

// Origin is the id of a request and its trace.
type Origin struct {
	Correlation string
	TraceParent string
	TraceState  string
}

// OriginOf takes the request's own id and trace where they are sane: both go into
// every message and log record of what the request begins.
func OriginOf(r *http.Request) Origin {
	from := Origin{Correlation: r.Header.Get(problem.RequestIDHeader)}
	if !saneID.MatchString(from.Correlation) {
		from.Correlation = rand.Text()
	}
	// Where the process traces, its own span of the request is what all else is below.
	ctx := r.Context()
	if !trace.SpanContextFromContext(ctx).IsValid() {
		ctx = tracing.Sent(ctx, r.Header)
	}
	from.TraceParent, from.TraceState = tracing.Of(ctx)
	return from
}
