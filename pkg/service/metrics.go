package service

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/stage"
)

// metricsOf returns what a process shows Prometheus. What cannot be had at the
// moment, because the broker or the database is away, is left out and said in the
// log; the rest is shown all the same.
func metricsOf(res *Resources, services []Service, requests *requests) (http.Handler, error) {
	registry := prometheus.NewRegistry()
	all := []prometheus.Collector{
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		requests,
		processInfo(services),
	}
	if res.stages != nil {
		all = append(all, res.stages)
	}
	if res.Broker != nil {
		all = append(all, res.Broker.Metrics())
	}
	if res.DB != nil {
		all = append(all, collectors.NewDBStatsCollector(res.DB.DB, poolName))
	}
	if res.statements != nil {
		all = append(all, res.statements)
	}
	if res.Bucket != nil {
		all = append(all, res.Bucket.Metrics())
	}
	for _, s := range services {
		if s.Metrics != nil {
			all = append(all, s.Metrics(res)...)
		}
	}
	for _, c := range all {
		if err := registry.Register(c); err != nil {
			return nil, fmt.Errorf("metrics: %w", err)
		}
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorHandling: promhttp.ContinueOnError,
		ErrorLog:      slog.NewLogLogger(res.Log.Handler(), slog.LevelWarn),
	}), nil
}

// processInfo shows which services the process runs. What a process shows of itself, such
// as its memory, gets their names by it.
func processInfo(services []Service) prometheus.Collector {
	names := make([]string, len(services))
	for i, s := range services {
		names[i] = string(s.Name)
	}
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "usher_process_info", Help: "1, with the services that the process runs.",
	}, []string{"services"})
	info.WithLabelValues(strings.Join(names, ",")).Set(1)
	return info
}

// poolName is what the connections of a process to the database are called.
const poolName = "usher"

// DescribeMetrics describes what the given services show, but for what is of Go and of
// the operating system. Nothing has to be open for it.
func DescribeMetrics(services ...Service) []*prometheus.Desc {
	res := new(Resources)
	all := []prometheus.Collector{
		newRequests(res.Tracer()), processInfo(services), stage.NewMetrics(), broker.NewMetrics(), postgres.NewMetrics(), bucket.NewMetrics(),
	}
	for _, s := range services {
		if s.Metrics != nil {
			all = append(all, s.Metrics(res)...)
		}
	}
	var described []*prometheus.Desc
	for _, c := range all {
		to := make(chan *prometheus.Desc)
		go func() {
			defer close(to)
			c.Describe(to)
		}()
		for d := range to {
			described = append(described, d)
		}
	}
	return described
}
