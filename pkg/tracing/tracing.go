// Package tracing carries the trace of an import from one process to the next, in
// the envelope of its messages. The messages are kept, so neither a crash nor a
// replica that takes over loses it. Ingest and the stages call it; what has a span
// below that of its caller, such as a store, needs nothing of it.
package tracing

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/usher-events/usher/contracts"
)

// w3c is how a trace is written down, see https://www.w3.org/TR/trace-context. What is
// not valid counts as none.
var w3c propagation.TraceContext

// The keys of w3c.
const (
	parentKey = "traceparent"
	stateKey  = "tracestate"
)

// Of writes the trace of a context down; empty is none.
func Of(ctx context.Context) (parent, state string) {
	carrier := propagation.MapCarrier{}
	w3c.Inject(ctx, carrier)
	return carrier[parentKey], carrier[stateKey]
}

// Sent returns ctx with the trace of a request's header, where it has one.
func Sent(ctx context.Context, header http.Header) context.Context {
	return w3c.Extract(ctx, propagation.HeaderCarrier(header))
}

// Read returns ctx with a trace that Of has written down.
func Read(ctx context.Context, parent, state string) context.Context {
	return w3c.Extract(ctx, propagation.MapCarrier{parentKey: parent, stateKey: state})
}

// Follow returns ctx with the trace of a message, where it has one.
func Follow(ctx context.Context, env contracts.Envelope) context.Context {
	return Read(ctx, env.TraceParent, env.TraceState)
}

// Note writes the trace of ctx into an envelope, which stays as it is where there
// is none.
func Note(ctx context.Context, env *contracts.Envelope) {
	if parent, state := Of(ctx); parent != "" {
		env.TraceParent, env.TraceState = parent, state
	}
}

// Link links the span of ctx to the trace of a message that it does not follow.
func Link(ctx context.Context, env contracts.Envelope) {
	to := trace.SpanContextFromContext(Follow(context.Background(), env))
	if to.IsValid() {
		trace.SpanFromContext(ctx).AddLink(trace.Link{SpanContext: to})
	}
}
