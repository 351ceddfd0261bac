package broker

import (
	"context"

	"github.com/ThreeDotsLabs/watermill/message"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// scope is whose spans these are.
const scope = "github.com/usher-events/usher/pkg/broker"

// published begins the span of a publish, where ctx has one that it can be below, and
// returns how to end it. It carries nothing into the message: the trace stands in that
// already, from when it was made, because it may be published by another process than
// has made it.
func published(ctx context.Context, subject string, msg *message.Message) (context.Context, func(result string)) {
	above := trace.SpanFromContext(ctx)
	if !above.IsRecording() {
		return ctx, func(string) {}
	}
	ctx, span := above.TracerProvider().Tracer(scope).Start(ctx, "publish", trace.WithSpanKind(trace.SpanKindProducer),
		trace.WithAttributes(
			attribute.String("messaging.system", "nats"),
			attribute.String("messaging.operation.type", "send"),
			attribute.String("messaging.destination.name", subject),
			attribute.String("messaging.message.id", msg.UUID),
		))
	return ctx, func(result string) {
		if result != stored {
			span.SetAttributes(attribute.String("error.type", result))
			span.SetStatus(codes.Error, "")
		}
		span.End()
	}
}
