package tracing

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/trace"

	"github.com/usher-events/usher/contracts"
)

const (
	traceID = "0af7651916cd43dd8448eb211c80319c"
	parent  = "00-" + traceID + "-b7ad6b7169203331-01"
)

func TestTraceOfAMessageGoesOnInTheNextOne(t *testing.T) {
	t.Parallel()
	ctx := Follow(t.Context(), contracts.Envelope{TraceParent: parent, TraceState: "a=1,b=2"})
	require.True(t, trace.SpanContextFromContext(ctx).IsRemote())
	var next contracts.Envelope
	Note(ctx, &next)
	require.Equal(t, contracts.Envelope{TraceParent: parent, TraceState: "a=1,b=2"}, next)
}

func TestTraceThatIsNotValidIsNone(t *testing.T) {
	t.Parallel()
	for _, broken := range []string{"", "x", "ff" + parent[2:], "00-00000000000000000000000000000000-b7ad6b7169203331-01"} {
		ctx := Sent(t.Context(), http.Header{"Traceparent": {broken}, "Tracestate": {"a=1"}})
		got, state := Of(ctx)
		require.Empty(t, got, broken)
		require.Empty(t, state, broken)
	}
}

func TestEnvelopeKeepsItsTraceWhereThereIsNoOther(t *testing.T) {
	t.Parallel()
	env := contracts.Envelope{TraceParent: parent}
	Note(context.Background(), &env)
	require.Equal(t, parent, env.TraceParent)
}

func TestLogTellsTheTrace(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	log := slog.New(Logged(slog.NewTextHandler(&text, nil))).With("import", "i")
	log.InfoContext(Read(t.Context(), parent, ""), "in a trace")
	require.Contains(t, text.String(), "import=i trace_id="+traceID)
	text.Reset()
	log.InfoContext(t.Context(), "in none")
	require.NotContains(t, text.String(), "trace_id")
}
