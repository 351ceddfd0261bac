package mail

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/uptrace/bun"
)

// lookTimeout is how long a look at what waits may take.
const lookTimeout = 5 * time.Second

var (
	pendingMails = prometheus.NewDesc("usher_mails_pending", "How many mails wait for their next try.", nil, nil)
	oldestMail   = prometheus.NewDesc("usher_mail_oldest_pending_seconds", "How long the oldest of them has waited.", nil, nil)
)

// Outbox shows Prometheus what waits. All replicas of notify show the same.
type Outbox struct{ DB *bun.DB }

// Describe implements prometheus.Collector.
func (Outbox) Describe(to chan<- *prometheus.Desc) {
	to <- pendingMails
	to <- oldestMail
}

// Collect implements prometheus.Collector.
func (o Outbox) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), lookTimeout)
	defer cancel()
	var waiting struct {
		N      int64
		Oldest float64
	}
	err := o.DB.NewRaw(`SELECT count(*) AS n, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest
		FROM notify.mails WHERE state = ?`, Pending).Scan(ctx, &waiting)
	if err != nil {
		to <- prometheus.NewInvalidMetric(pendingMails, err)
		return
	}
	to <- prometheus.MustNewConstMetric(pendingMails, prometheus.GaugeValue, float64(waiting.N))
	to <- prometheus.MustNewConstMetric(oldestMail, prometheus.GaugeValue, waiting.Oldest)
}
