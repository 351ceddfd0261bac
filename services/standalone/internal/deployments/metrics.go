package deployments

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/usher-events/usher/pkg/service"
)

// metric is what a description says of one.
type metric struct {
	name, help string
	labels     []string
}

// description is how a Desc writes itself, which is the only way to ask it.
var description = regexp.MustCompile(`^Desc\{fqName: ("[^"]*"), help: ("(?:[^"\\]|\\.)*"), unit: "", constLabels: \{\}, variableLabels: \{([^}]*)\}\}$`)

func metricOf(d *prometheus.Desc) (metric, error) {
	parts := description.FindStringSubmatch(d.String())
	if parts == nil {
		return metric{}, fmt.Errorf("%s is described in a way that is not known here", d)
	}
	name, err := strconv.Unquote(parts[1])
	if err != nil {
		return metric{}, err
	}
	help, err := strconv.Unquote(parts[2])
	if err != nil {
		return metric{}, err
	}
	m := metric{name: name, help: help}
	if parts[3] != "" {
		m.labels = strings.Split(parts[3], ",")
	}
	return m, nil
}

// sort is the sort of metric, which its name tells by the rules of Prometheus.
func (m metric) sort() string {
	switch {
	case strings.HasSuffix(m.name, "_total"):
		return "counter"
	case strings.HasSuffix(m.name, "_duration_seconds"):
		return "histogram"
	}
	return "gauge"
}

// Metrics is the list of metrics in Markdown.
func Metrics(services []service.Service) ([]byte, error) {
	var b strings.Builder
	b.WriteString("# Metrics\n\nMade from the code by `make deployments`; a change here would be lost.\n\n" +
		"Every process shows these under `/metrics`, those of what it does. Beside them stand those of Go (`go_…`), of the process\n" +
		"(`process_…`) and of its connections to the database (`go_sql_…{db_name=\"usher\"}`). No label has more values than\n" +
		"there are routes: neither imports nor people are among them.\n\n" +
		"What a service shows of the whole (the lag of its stages, states, the broker) is the same in each of its replicas: take\n" +
		"`max`. All else is of one process: take `sum`.\n\n" +
		"[grafana/usher.json](grafana/usher.json) shows them, and [alerts.yaml](alerts.yaml) has rules over them.\n")
	seen := make(map[string]bool)
	for _, part := range append([]service.Service{{}}, services...) {
		var own []service.Service
		title := "Of every process"
		if part.Name != "" {
			own, title = []service.Service{part}, "Of "+string(part.Name)
		}
		all, err := metricsOf(own, seen)
		if err != nil {
			return nil, err
		}
		if len(all) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n## %s\n\n| metric | | labels | |\n| --- | --- | --- | --- |\n", title)
		for _, m := range all {
			labels := ""
			if len(m.labels) > 0 {
				labels = list(m.labels)
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", m.name, m.sort(), labels, m.help)
		}
	}
	return []byte(b.String()), nil
}

// metricsOf returns what was not seen yet, by name.
func metricsOf(services []service.Service, seen map[string]bool) ([]metric, error) {
	var all []metric
	for _, d := range service.DescribeMetrics(services...) {
		m, err := metricOf(d)
		if err != nil {
			return nil, err
		}
		if !seen[m.name] {
			seen[m.name] = true
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b metric) int { return strings.Compare(a.name, b.name) })
	return all, nil
}
