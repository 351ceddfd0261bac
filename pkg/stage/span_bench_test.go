package stage

import (
	"context"
	"testing"

	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// What a part of a run costs for its span: nothing where nothing is traced.
func BenchmarkPart(b *testing.B) {
	for name, tracer := range map[string]trace.Tracer{"off": noTracer, "on": sdk.NewTracerProvider().Tracer("")} {
		b.Run(name, func(b *testing.B) {
			ctx, span := tracer.Start(b.Context(), "run")
			defer span.End()
			b.ReportAllocs()
			for b.Loop() {
				_ = part(ctx, "part", func(context.Context) error { return nil })
			}
		})
	}
}
