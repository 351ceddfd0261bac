// Package deployments makes those files of the folder deployments that follow
// from the code: the front's table of routes, the lists of settings and of metrics, and the
// dashboard.
// "make deployments" writes them, and a test holds what is committed to them.
package deployments

// The files, in the folder deployments.
const (
	FrontFile     = "Caddyfile"
	SettingsFile  = "environment.md"
	MetricsFile   = "metrics.md"
	DashboardFile = "grafana/usher.json"
)
