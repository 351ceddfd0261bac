// Package deployments makes those files of the folder deployments that follow
// from the code: the front's table of routes, the lists of settings and of metrics, the
// dashboard, and of what Kubernetes reads the services, their routes and their scaling.
// "make deployments" writes them, and a test holds what is committed to them.
package deployments

// The files, in the folder deployments.
const (
	FrontFile     = "Caddyfile"
	SettingsFile  = "environment.md"
	MetricsFile   = "metrics.md"
	DashboardFile = "grafana/usher.json"
)
