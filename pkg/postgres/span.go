package postgres

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// scope is whose spans these are.
const scope = "github.com/usher-events/usher/pkg/postgres"

// span begins a span below that of ctx. Where that has none, as in the loops that look
// for work all the time, there is none. It tells nothing but the given attributes: bun
// writes the arguments into the text of a statement, and an error of the server may
// quote them.
func span(ctx context.Context, name string, attrs ...attribute.KeyValue) (context.Context, trace.Span) {
	above := trace.SpanFromContext(ctx)
	if !above.IsRecording() {
		return ctx, trace.SpanFromContext(context.Background()) // one that nobody sees
	}
	return above.TracerProvider().Tracer(scope).Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(append(attrs, attribute.String("db.system.name", "postgresql"))...))
}

// end ends a span.
func end(s trace.Span, err error) {
	if err != nil && s.IsRecording() {
		reason := code(err) // a SQLSTATE
		if reason == "" {
			reason = "_OTHER"
		}
		s.SetAttributes(attribute.String("error.type", reason))
		s.SetStatus(codes.Error, "")
	}
	s.End()
}
