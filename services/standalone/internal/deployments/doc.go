// Package deployments makes those files of the folder deployments that follow
// from the code: the front's table of routes, the list of settings, what each service may
// do at the broker and in the database, and of what Kubernetes reads the services, their
// routes and their scaling.
// "make deployments" writes them, and a test holds what is committed to them.
package deployments

// The files, in the folder deployments.
const (
	FrontFile    = "Caddyfile"
	SettingsFile = "environment.md"
	AccountsFile = "nats-accounts.conf"
	RolesFile    = "roles.sql"
)
