package stage

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/usher-events/usher/contracts"
)

// Metrics counts what the stages of a process do. It is a prometheus.Collector;
// a nil one counts nothing. It is safe for concurrent use.
type Metrics struct {
	duration *prometheus.HistogramVec
	tries    *prometheus.CounterVec
	failures *prometheus.CounterVec
	records  *prometheus.CounterVec
}

// What a try came to, beside the outcomes of a stage.
const (
	triedAgain = "again"
	overtaken  = "overtaken"
)

// NewMetrics returns metrics that nothing has been counted in.
func NewMetrics() *Metrics {
	return &Metrics{
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "usher_stage_duration_seconds",
			Help: "How long a try took that came to the outcome of its stage.",
			// From what an empty archive takes to the largest one.
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800},
		}, []string{"kind", "stage", "outcome"}),
		tries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "usher_stage_tries_total",
			Help: "How many tries came to what: completed, failed, again (it will be tried again) or overtaken (the import had moved on).",
		}, []string{"kind", "stage", "result"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "usher_stage_failures_total",
			Help: "How many times a stage has failed for good, by the code of the failure.",
		}, []string{"kind", "stage", "code"}),
		records: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "usher_records_total",
			Help: "How many entities completed stages have made, by their type.",
		}, []string{"kind", "type"}),
	}
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(to chan<- *prometheus.Desc) {
	for _, each := range m.all() {
		each.Describe(to)
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(to chan<- prometheus.Metric) {
	for _, each := range m.all() {
		each.Collect(to)
	}
}

func (m *Metrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.duration, m.tries, m.failures, m.records}
}

// tried counts a try that has not come to an outcome.
func (m *Metrics) tried(run *Run, result string) {
	if m != nil {
		m.tries.WithLabelValues(string(run.stage.Kind), string(run.stage.Name), result).Inc()
	}
}

// ended counts the try that has come to the outcome of its stage, whose payload is told.
func (m *Metrics) ended(run *Run, out outcome, told contracts.Payload) {
	if m == nil {
		return
	}
	m.tried(run, string(out.Outcome))
	m.duration.WithLabelValues(string(run.stage.Kind), string(run.stage.Name), string(out.Outcome)).
		Observe(time.Since(run.began).Seconds())
	if failed, ok := told.(*contracts.StageFailed); ok {
		m.failures.WithLabelValues(string(run.stage.Kind), string(run.stage.Name), failed.Code).Inc()
		return
	}
	// A redelivery behind the commit has made none: its first try has, and died.
	for t, n := range run.counts {
		m.records.WithLabelValues(string(run.stage.Kind), string(t)).Add(float64(n))
	}
}
