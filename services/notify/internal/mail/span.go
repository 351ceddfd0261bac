package mail

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/tracing"
)

// Tracer gives each delivery a span in the trace of the import that the mail tells of.
// The trace stands in the outcome that the mail was committed with, so a mail that waits
// for days is still told there.
type Tracer struct {
	trace.Tracer
	DB *bun.DB
}

// begin begins the span of a delivery. It tells nothing of whom the mail is for. That
// the trace cannot be read, of a stage that was taken back for instance, is no reason not to
// send the mail.
func (t *Tracer) begin(ctx context.Context, row Row) (context.Context, trace.Span) {
	if t == nil {
		return ctx, trace.SpanFromContext(context.Background()) // one that nobody sees
	}
	if parent, state, err := t.traceOf(ctx, row); err == nil {
		ctx = tracing.Read(ctx, parent, state)
	}
	return t.Start(ctx, "send mail", trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("usher.import", row.ImportID),
		attribute.Int("usher.attempt", row.Attempt),
		attribute.Int("usher.try", row.Tries),
		attribute.Bool("usher.invitation", row.Invitee != ""),
	))
}

func (t *Tracer) traceOf(ctx context.Context, row Row) (parent, state string, err error) {
	var outcome struct{ Parent, State string }
	err = t.DB.NewRaw(`SELECT coalesce(message->>'traceparent', '') AS parent, coalesce(message->>'tracestate', '') AS state
		FROM notify.stage_run WHERE import_id = ? AND stage = ? AND attempt = ?`,
		row.ImportID, contracts.Notify, row.Attempt).Scan(ctx, &outcome)
	if err != nil {
		return "", "", fmt.Errorf("trace of a mail: %w", err)
	}
	return outcome.Parent, outcome.State, nil
}

// end ends the span of a delivery. What the server has said stands in the log.
func end(span trace.Span, failed *failure) {
	if failed != nil {
		span.SetAttributes(attribute.String("error.type", resultOf(failed)))
		span.SetStatus(codes.Error, "")
	}
	span.End()
}
