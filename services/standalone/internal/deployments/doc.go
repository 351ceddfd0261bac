// Package deployments makes those files of the folder deployments that follow
// from the code: the front's table of routes, the list of settings, and what each
// service may do at the broker and in the database.
// "make deployments" writes them, and a test holds what is committed to them.
package deployments

// The files, in the folder deployments.
const (
	FrontFile    = "Caddyfile"
	SettingsFile = "environment.md"
	AccountsFile = "nats-accounts.conf"
	RolesFile    = "roles.sql"
)
