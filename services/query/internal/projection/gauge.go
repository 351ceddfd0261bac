package projection

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
)

// countTimeout is how long counting the imports may take.
const countTimeout = 5 * time.Second

var importsByState = prometheus.NewDesc("usher_imports",
	"How many imports there are, by kind and state.", []string{"kind", "state"}, nil)

// Gauge shows Prometheus how many imports there are of each state. All replicas
// of query show the same.
type Gauge struct{ DB *bun.DB }

// Describe implements prometheus.Collector.
func (Gauge) Describe(to chan<- *prometheus.Desc) { to <- importsByState }

// Collect implements prometheus.Collector.
func (g Gauge) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	var rows []struct {
		Kind  contracts.Kind
		State contracts.State
		N     int64
	}
	err := g.DB.NewSelect().Model((*Import)(nil)).Column("kind", "state").ColumnExpr("count(*) AS n").
		Group("kind", "state").Scan(ctx, &rows)
	if err != nil {
		to <- prometheus.NewInvalidMetric(importsByState, err)
		return
	}
	for _, row := range rows {
		to <- prometheus.MustNewConstMetric(importsByState, prometheus.GaugeValue, float64(row.N), string(row.Kind), string(row.State))
	}
}
