package bucket

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// scope is whose spans these are.
const scope = "github.com/usher-events/usher/pkg/bucket"

// operation is one thing that the store is asked for, being measured. Where its caller
// has a span it has one below that. Neither key nor error are told in it: what a store
// answers may repeat what lets one in.
type operation struct {
	metrics *Metrics
	name    string
	began   time.Time
	span    trace.Span
}

// begin begins an operation, which is to be ended.
func (b *Bucket) begin(ctx context.Context, name string) (context.Context, *operation) {
	op := &operation{metrics: b.metrics, name: name, began: time.Now(), span: trace.SpanFromContext(context.Background())}
	if above := trace.SpanFromContext(ctx); above.IsRecording() {
		ctx, op.span = above.TracerProvider().Tracer(scope).Start(ctx, "bucket "+name, trace.WithSpanKind(trace.SpanKindClient))
	}
	return ctx, op
}

// The directions in which bytes go.
const (
	read    = "read"
	written = "written"
)

// moved counts bytes that went over.
func (o *operation) moved(direction string, bytes int64) {
	o.metrics.bytes.WithLabelValues(direction).Add(float64(bytes))
	o.span.SetAttributes(attribute.Int64("usher.bytes", bytes))
}

// end ends the operation with what failure has made of its error.
func (o *operation) end(err error) {
	result := resultOf(err)
	o.metrics.duration.WithLabelValues(o.name, result).Observe(time.Since(o.began).Seconds())
	if result != ok {
		o.span.SetAttributes(attribute.String("error.type", result))
	}
	if result == failed {
		o.span.SetStatus(codes.Error, "")
	}
	o.span.End()
}

// What an operation comes to.
const (
	ok       = "ok"
	notFound = "not_found"
	failed   = "failed"
	// broken is what is not the store's fault: the context has ended, or what was
	// to be stored could not be read.
	broken = "broken_off"
)

func resultOf(err error) string {
	switch {
	case err == nil:
		return ok
	case errors.Is(err, ErrNotFound):
		return notFound
	case errors.Is(err, ErrUnavailable):
		return failed
	}
	return broken
}
