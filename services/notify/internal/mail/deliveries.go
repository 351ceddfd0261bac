package mail

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Deliveries measures how mails are delivered. It is a prometheus.Collector, safe for
// concurrent use; a nil one measures nothing.
type Deliveries struct{ duration *prometheus.HistogramVec }

// NewDeliveries returns one that has measured nothing yet.
func NewDeliveries() *Deliveries {
	return &Deliveries{duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "usher_mail_delivery_duration_seconds",
		Help: "How long the mail server took for a mail, and what came of it: " +
			"sent, outage (it is not there, or not for us), deferred (not this mail, not now) or refused (not this mail, ever).",
		Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 120},
	}, []string{"result"})}
}

// Describe implements prometheus.Collector.
func (d *Deliveries) Describe(to chan<- *prometheus.Desc) { d.duration.Describe(to) }

// Collect implements prometheus.Collector.
func (d *Deliveries) Collect(to chan<- prometheus.Metric) { d.duration.Collect(to) }

func (d *Deliveries) delivered(began time.Time, result string) {
	if d != nil {
		d.duration.WithLabelValues(result).Observe(time.Since(began).Seconds())
	}
}

// sentWell is the result of a mail that the server has taken.
const sentWell = "sent"

// resultOf is what a delivery has come to, in a word; nil is no failure.
func resultOf(failed *failure) string {
	if failed == nil {
		return sentWell
	}
	switch failed.verdict {
	case outage:
		return "outage"
	case deferred:
		return "deferred"
	}
	return "refused"
}
