package deployments

import (
	"maps"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/service"
)

// Those of the files, in the folder deployments, that tests read as well.
const (
	FrontFile     = "Caddyfile"
	SettingsFile  = "environment.md"
	MetricsFile   = "metrics.md"
	DashboardFile = "grafana/usher.json"
	AccountsFile  = "nats-accounts.conf"
	RolesFile     = "roles.sql"
)

// Files returns all of them for the given services, by their paths in that folder.
func Files(services []service.Service) (map[string][]byte, error) {
	environment, err := Environment(services)
	if err != nil {
		return nil, err
	}
	metrics, err := Metrics(services)
	if err != nil {
		return nil, err
	}
	dashboard, err := Dashboard()
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{
		FrontFile:     Caddyfile(),
		SettingsFile:  environment,
		MetricsFile:   metrics,
		DashboardFile: dashboard,
		AccountsFile:  BrokerAccounts(Accounts(contracts.Names{})),
		RolesFile:     Roles(services),
	}
	kubernetes, err := Kubernetes(services)
	maps.Copy(files, kubernetes)
	return files, err
}
