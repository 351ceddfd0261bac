package bucket

import "github.com/prometheus/client_golang/prometheus"

// Metrics measures what a bucket is asked for. It is a prometheus.Collector, safe for
// concurrent use.
type Metrics struct {
	duration *prometheus.HistogramVec
	bytes    *prometheus.CounterVec
}

// NewMetrics returns metrics in which nothing was measured yet.
func NewMetrics() *Metrics {
	return &Metrics{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "usher_bucket_operation_duration_seconds",
			Help:    "How long the store took, each try by itself, and what came of it: ok, not_found, failed (by the store) or broken_off (by us).",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 60},
		}, []string{"operation", "result"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "usher_bucket_bytes_total",
			Help: "How many bytes were read and written.",
		}, []string{"direction"}),
	}
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) {
	m.duration.Describe(to)
	m.bytes.Describe(to)
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	m.duration.Collect(to)
	m.bytes.Collect(to)
}
