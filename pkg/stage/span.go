package stage

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/tracing"
)

// The attributes of spans. None of them tells of people or of what an archive has in
// it: traces go to a system of their own, which more people may see.
const (
	importKey  = attribute.Key("usher.import")
	kindKey    = attribute.Key("usher.kind")
	stageKey   = attribute.Key("usher.stage")
	attemptKey = attribute.Key("usher.attempt")
	tryKey     = attribute.Key("usher.try")
	messageKey = attribute.Key("usher.message")
	resultKey  = attribute.Key("usher.result")
	recordsKey = attribute.Key("usher.records")
	errorKey   = attribute.Key("error.type")
)

// noTracer is for a runner that is given none.
var noTracer = noop.NewTracerProvider().Tracer("")

// begin begins the span of what a message has this stage do, below the span that the
// message was made in; so the tries of a message lie side by side. What is made of env
// from then on is below the new span. The message is kept, and so is the trace, whatever
// dies.
func (r *Runner) begin(ctx context.Context, name string, env *contracts.Envelope, try int) (context.Context, trace.Span) {
	ctx, span := r.res.Tracer.Start(tracing.Follow(ctx, *env), name+" "+string(r.stage.Name),
		trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
			importKey.String(env.Import),
			kindKey.String(string(env.Kind)),
			stageKey.String(string(r.stage.Name)),
			attemptKey.Int(env.Attempt),
			tryKey.Int(try),
			messageKey.String(env.Type),
		))
	tracing.Note(ctx, env)
	return ctx, span
}

// cameTo notes in the span of a run what that has come to. The payload is nil where that
// is no outcome.
func (r *Run) cameTo(result string, payload contracts.Payload) {
	r.span.SetAttributes(resultKey.String(result))
	switch failed, ok := payload.(*contracts.StageFailed); {
	case ok:
		r.span.SetAttributes(errorKey.String(failed.Code))
		r.span.SetStatus(codes.Error, "")
	case result == triedAgain:
		r.span.SetStatus(codes.Error, "") // the log says why, under the trace's id
	}
}

// part gives a part of a run a span of its own, below that of ctx.
func part(ctx context.Context, name string, do func(context.Context) error) error {
	above := trace.SpanFromContext(ctx)
	if !above.IsRecording() {
		return do(ctx)
	}
	ctx, span := above.TracerProvider().Tracer(scope).Start(ctx, name)
	defer span.End()
	err := do(ctx)
	if permanent, ok := errors.AsType[*PermanentError](err); ok {
		span.SetAttributes(errorKey.String(permanent.Code))
	}
	if err != nil && !errors.Is(err, errStands) {
		span.SetStatus(codes.Error, "")
	}
	return err
}

// scope is whose spans the parts are.
const scope = "github.com/usher-events/usher/pkg/stage"
