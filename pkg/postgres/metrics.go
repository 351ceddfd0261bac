package postgres

import "github.com/prometheus/client_golang/prometheus"

// Metrics measures statements. It is a prometheus.Collector, safe for concurrent use.
type Metrics struct{ duration *prometheus.HistogramVec }

// NewMetrics returns metrics in which nothing was measured yet.
func NewMetrics() *Metrics {
	return &Metrics{duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "usher_database_statement_duration_seconds",
		Help:    "How long a statement took until its answer was there, by its first word, and whether it was ok or failed. COPY is counted by chunks.",
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 30},
	}, []string{"statement", "result"})}
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) { m.duration.Describe(to) }

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(to chan<- prometheus.Metric) { m.duration.Collect(to) }

// WithMetrics has the statements of the connections measured.
func WithMetrics(m *Metrics) Option { return func(o *options) { o.metrics = m } }
