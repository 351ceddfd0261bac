package projection

import (
	"cmp"
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/usher-events/usher/pkg/tracing"
)

// Observers are told of what a projector folds. The zero value tells nobody.
type Observers struct {
	// Tracer gives each fact a span in the trace of its import.
	Tracer trace.Tracer
	// Durations measures imports.
	Durations *Durations
}

// noTracer is for a projector that is given none.
var noTracer = noop.NewTracerProvider().Tracer("")

// observe tells of a batch that is folded, and of the imports that have ended in it: from
// then on people see it. Progress, of which there is much, has no spans.
func (o Observers) observe(ctx context.Context, imports string, batch []received, ended []Import, began time.Time) {
	tracer := cmp.Or(o.Tracer, noTracer)
	for _, r := range batch {
		if r.payload == nil || r.source.stream != imports {
			continue
		}
		_, span := tracer.Start(tracing.Follow(ctx, r.envelope), "fold", trace.WithTimestamp(began),
			trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
				attribute.String("usher.import", r.envelope.Import),
				attribute.Int("usher.attempt", r.envelope.Attempt),
				attribute.String("usher.message", r.envelope.Type),
				attribute.Int("usher.batch", len(batch)),
			))
		span.End()
	}
	if o.Durations == nil {
		return
	}
	for _, i := range ended {
		o.Durations.ended(i)
	}
}

// Durations measures how long imports take. It is a prometheus.Collector, safe for
// concurrent use.
type Durations struct{ duration *prometheus.HistogramVec }

// NewDurations returns one that has measured nothing yet.
func NewDurations() *Durations {
	return &Durations{duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "usher_import_duration_seconds",
		Help:    "How long an import took from its request, or an attempt from its beginning, to its end, which is SUCCESS, FAILURE or CANCELED.",
		Buckets: []float64{.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200},
	}, []string{"kind", "state"})}
}

// Describe implements prometheus.Collector.
func (d *Durations) Describe(to chan<- *prometheus.Desc) { d.duration.Describe(to) }

// Collect implements prometheus.Collector.
func (d *Durations) Collect(to chan<- prometheus.Metric) { d.duration.Collect(to) }

func (d *Durations) ended(i Import) {
	if i.FinishedAt == nil {
		return
	}
	began := i.CreatedAt
	if i.Attempt > 1 && i.StartedAt != nil {
		began = *i.StartedAt
	}
	d.duration.WithLabelValues(string(i.Kind), string(i.State)).Observe(max(0, i.FinishedAt.Sub(began).Seconds()))
}
