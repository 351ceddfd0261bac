// Package storage shows how full the broker is: a stream that is full refuses uploads,
// and what is buried in DEAD waits for somebody to look at it. The query service is
// whose metrics it is, because one process is enough to ask.
package storage

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/usher-events/usher/pkg/broker"
)

// askTimeout is how long asking the broker may take.
const askTimeout = 5 * time.Second

var (
	messages = prometheus.NewDesc("usher_stream_messages", "How many messages a stream keeps.", []string{"stream"}, nil)
	bytes    = prometheus.NewDesc("usher_stream_bytes", "How many bytes a stream keeps.", []string{"stream"}, nil)
	limit    = prometheus.NewDesc("usher_stream_limit_bytes", "How many bytes a stream may keep; imports refuses uploads then.", []string{"stream"}, nil)
	used     = prometheus.NewDesc("usher_broker_storage_bytes", "How many bytes the account keeps on the disks of the broker.", nil, nil)
	allowed  = prometheus.NewDesc("usher_broker_storage_limit_bytes", "How many it may; left out where the account has no limit.", nil, nil)
)

// Gauge is a prometheus.Collector. All replicas of query show the same.
type Gauge struct{ Broker *broker.Broker }

// Describe implements prometheus.Collector.
func (Gauge) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{messages, bytes, limit, used, allowed} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (g Gauge) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	names := g.Broker.Names()
	for label, name := range map[string]string{
		"imports": names.ImportsStream(), "status": names.StatusStream(), "dead": names.DeadStream(),
	} {
		stream, err := g.Broker.JetStream().Stream(ctx, name)
		if err != nil {
			to <- prometheus.NewInvalidMetric(messages, err)
			return // the others would wait for the same broker
		}
		info := stream.CachedInfo()
		gauge(to, messages, float64(info.State.Msgs), label)
		gauge(to, bytes, float64(info.State.Bytes), label)
		if info.Config.MaxBytes > 0 {
			gauge(to, limit, float64(info.Config.MaxBytes), label)
		}
	}
	account, err := g.Broker.JetStream().AccountInfo(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(used, err)
		return
	}
	gauge(to, used, float64(account.Store))
	if account.Limits.MaxStore > 0 {
		gauge(to, allowed, float64(account.Limits.MaxStore))
	}
}

func gauge(to chan<- prometheus.Metric, d *prometheus.Desc, value float64, labels ...string) {
	to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
}
