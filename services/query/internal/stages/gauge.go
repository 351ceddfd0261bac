package stages

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/usher-events/usher/pkg/broker"
)

// askTimeout is how long asking the broker may take.
const askTimeout = 5 * time.Second

var (
	instances = prometheus.NewDesc("usher_stage_instances",
		"How many processes run the stage.", []string{"kind", "stage"}, nil)
	lag = prometheus.NewDesc("usher_stage_lag",
		"How many messages wait for the stage, those in flight not counted.", []string{"kind", "stage"}, nil)
	inFlight = prometheus.NewDesc("usher_stage_in_flight",
		"How many messages the replicas of the stage have in hand, or will be given again.", []string{"kind", "stage"}, nil)
	tried = prometheus.NewDesc("usher_stage_redelivered",
		"How many of the messages in flight were given out more than once.", []string{"kind", "stage"}, nil)
)

// Gauge shows Prometheus how many processes run each stage and what it has before it.
// A stage that no process runs can say neither, so both are shown here; all replicas of
// query show the same.
type Gauge struct{ Broker *broker.Broker }

// Describe implements prometheus.Collector.
func (Gauge) Describe(to chan<- *prometheus.Desc) {
	to <- instances
	to <- lag
	to <- inFlight
	to <- tried
}

// Collect implements prometheus.Collector.
func (g Gauge) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	there, err := g.Broker.Presence(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(instances, err)
		return // the others would wait for the same broker
	}
	for _, c := range g.Broker.Names().Consumers() {
		show := func(what *prometheus.Desc, n int) {
			to <- prometheus.MustNewConstMetric(what, prometheus.GaugeValue, float64(n), string(c.Kind), string(c.Stage))
		}
		show(instances, len(there[c.Name]))
		backlog, err := g.Broker.Backlog(ctx, c)
		if err != nil {
			to <- prometheus.NewInvalidMetric(lag, err)
			return
		}
		show(lag, backlog.Waiting)
		show(inFlight, backlog.InFlight)
		show(tried, backlog.Tried)
	}
}
