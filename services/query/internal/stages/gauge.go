package stages

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/usher-events/usher/pkg/broker"
)

// askTimeout is how long asking who is there may take.
const askTimeout = 5 * time.Second

var instances = prometheus.NewDesc("usher_stage_instances",
	"How many processes run the stage.", []string{"kind", "stage"}, nil)

// Gauge shows Prometheus how many processes run each stage. A process that runs a
// stage cannot say that none does, so it is shown here; all replicas of query show
// the same.
type Gauge struct{ Broker *broker.Broker }

// Describe implements prometheus.Collector.
func (Gauge) Describe(to chan<- *prometheus.Desc) { to <- instances }

// Collect implements prometheus.Collector.
func (g Gauge) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	there, err := g.Broker.Presence(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(instances, err)
		return
	}
	for _, c := range g.Broker.Names().Consumers() {
		to <- prometheus.MustNewConstMetric(instances, prometheus.GaugeValue, float64(len(there[c.Name])), string(c.Kind), string(c.Stage))
	}
}
