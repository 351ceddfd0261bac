package broker

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics measures what is published. It is a prometheus.Collector, safe for
// concurrent use.
type Metrics struct{ published *prometheus.HistogramVec }

// NewMetrics returns metrics in which nothing was measured yet.
func NewMetrics() *Metrics {
	return &Metrics{published: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "usher_publish_duration_seconds",
		Help: "How long the broker took to confirm a message, and what came of it: " +
			"stored, conflict (another one was first), full (the stream), unknown (no answer) or failed.",
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5},
	}, []string{"result"})}
}

// Metrics are those of what is published on this connection.
func (b *Broker) Metrics() *Metrics { return b.metrics }

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) { m.published.Describe(to) }

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(to chan<- prometheus.Metric) { m.published.Collect(to) }

// stored is the result of a message that was published.
const stored = "stored"

// resultOf is what a publish has come to, in a word.
func resultOf(err error) string {
	switch {
	case err == nil:
		return stored
	case errors.Is(err, ErrConflict):
		return "conflict"
	case errors.Is(err, ErrFull):
		return "full"
	case errors.Is(err, ErrUnknown):
		return "unknown"
	}
	return "failed"
}
