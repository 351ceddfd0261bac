package stage_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
)

const sentTrace = "0af7651916cd43dd8448eb211c80319c"

// traced is a people stage whose spans are recorded, of an import that has a trace.
func traced(t *testing.T, before func(context.Context, *stage.Run) error) (running, *tracetest.SpanRecorder) {
	t.Helper()
	w := stagetest.NewWorld(t, stage.Migrations(contracts.People))
	recorder := tracetest.NewSpanRecorder()
	w.Tracer = sdk.NewTracerProvider(sdk.WithSpanProcessor(recorder)).Tracer("")
	w.Metrics = stage.NewMetrics()
	r := runIn(t, w, before)
	r.env.TraceParent = "00-" + sentTrace + "-b7ad6b7169203331-01"
	return r, recorder
}

// runs are the spans of the tries, in their order.
func runs(recorder *tracetest.SpanRecorder) []sdk.ReadOnlySpan {
	var all []sdk.ReadOnlySpan
	for _, s := range recorder.Ended() {
		if s.Name() == "stage people" {
			all = append(all, s)
		}
	}
	return all
}

func attributeOf(s sdk.ReadOnlySpan, key attribute.Key) string {
	for _, a := range s.Attributes() {
		if a.Key == key {
			return a.Value.String()
		}
	}
	return ""
}

func TestTriesLieSideBySideInTheTraceOfTheirMessage(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	r, recorder := traced(t, func(context.Context, *stage.Run) error {
		if tries.Add(1) == 1 {
			return errors.New("olga@organizers.example does not get past this")
		}
		return nil
	})
	r.send(t)
	r.awaitOutcome(t)
	r.settled(t)
	require.Eventually(t, func() bool { return len(runs(recorder)) == 2 }, time.Minute, 10*time.Millisecond)
	for i, want := range []struct {
		try, result string
		status      codes.Code
	}{{"1", "again", codes.Error}, {"2", "completed", codes.Unset}} {
		s := runs(recorder)[i]
		require.Equal(t, sentTrace, s.SpanContext().TraceID().String())
		require.Equal(t, "b7ad6b7169203331", s.Parent().SpanID().String())
		require.Equal(t, want.try, attributeOf(s, "usher.try"))
		require.Equal(t, want.result, attributeOf(s, "usher.result"))
		require.Equal(t, want.status, s.Status().Code)
	}
	// What comes next is below the try that has committed.
	env, _, ok := r.Outcome(t.Context(), t, r.stage, r.env.Import, r.env.Attempt)
	require.True(t, ok)
	require.Equal(t, "00-"+sentTrace+"-"+runs(recorder)[1].SpanContext().SpanID().String()+"-01", env.TraceParent)
	for _, s := range recorder.Ended() {
		require.NotContains(t, s.Status().Description, "olga")
		require.Empty(t, s.Events(), "an error may tell of people")
	}
}

func TestFailureIsCountedByItsCodeAndToldInTheTrace(t *testing.T) {
	t.Parallel()
	r, recorder := traced(t, func(context.Context, *stage.Run) error {
		return stage.Permanent(stage.CodeArchiveGone, "It is gone.")
	})
	r.send(t)
	require.IsType(t, &contracts.StageFailed{}, r.awaitOutcome(t))
	r.settled(t)
	require.Eventually(t, func() bool { return len(runs(recorder)) == 1 }, time.Minute, 10*time.Millisecond)
	require.Equal(t, stage.CodeArchiveGone, attributeOf(runs(recorder)[0], "error.type"))
	require.Equal(t, "failed", attributeOf(runs(recorder)[0], "usher.result"))
	registry := prometheus.NewRegistry()
	require.NoError(t, registry.Register(r.Metrics))
	require.NoError(t, testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP usher_stage_failures_total How many times a stage has failed for good, by the code of the failure.
# TYPE usher_stage_failures_total counter
usher_stage_failures_total{code="archive_gone",kind="event-archive",stage="people"} 1
`), "usher_stage_failures_total"))
}

func TestStageThatIsNotTracedHandsTheTraceOn(t *testing.T) {
	t.Parallel()
	r := run(t, nil)
	r.env.TraceParent = "00-" + sentTrace + "-b7ad6b7169203331-01"
	r.send(t)
	r.awaitOutcome(t)
	env, _, _ := r.Outcome(t.Context(), t, r.stage, r.env.Import, r.env.Attempt)
	require.Equal(t, r.env.TraceParent, env.TraceParent)
}
