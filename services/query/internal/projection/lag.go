package projection

import (
	"context"
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/broker"
)

var behind = prometheus.NewDesc("usher_projection_lag",
	"How many messages of a stream are not folded yet into what people see.", []string{"stream"}, nil)

// Lag shows Prometheus how far the projection is behind. All replicas of query show the
// same.
type Lag struct {
	DB     *bun.DB
	Broker *broker.Broker
}

// Describe implements prometheus.Collector.
func (Lag) Describe(to chan<- *prometheus.Desc) { to <- behind }

// Collect implements prometheus.Collector.
func (l Lag) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	names := l.Broker.Names()
	for label, stream := range map[string]string{"imports": names.ImportsStream(), "status": names.StatusStream()} {
		n, err := l.of(ctx, stream)
		if err != nil {
			to <- prometheus.NewInvalidMetric(behind, err)
			return
		}
		to <- prometheus.MustNewConstMetric(behind, prometheus.GaugeValue, float64(n), label)
	}
}

// of looks at the checkpoint first: messages that come meanwhile count as not folded.
func (l Lag) of(ctx context.Context, stream string) (uint64, error) {
	var at uint64
	err := l.DB.NewSelect().Model((*checkpoint)(nil)).ColumnExpr("coalesce(max(sequence), 0)").Where("stream = ?", stream).Scan(ctx, &at)
	if err != nil {
		return 0, fmt.Errorf("checkpoint of %s: %w", stream, err)
	}
	_, last, err := lookAt(ctx, l.Broker, stream)
	if err != nil {
		return 0, err
	}
	return last - min(at, last), nil
}
