package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/standalone"
	"github.com/usher-events/usher/services/standalone/internal/deployments"
)

// Accounts is `usher accounts`.
type Accounts struct {
	Broker   AccountsBroker   `cmd:"" help:"Print the accounts of the services in the language of NATS' configuration, for the prefix of USHER_PREFIX."`
	Database AccountsDatabase `cmd:"" help:"Print a script for psql that makes the roles of the services."`
}

// crews are what both take.
type crews struct {
	Together []string `arg:"" optional:"" help:"Services that run in one process, such as ingest+query, which has an account of its own." placeholder:"SERVICE+SERVICE"`
}

func (c crews) read() ([]deployments.Crew, error) {
	var all []deployments.Crew
	for _, text := range c.Together {
		var crew deployments.Crew
		for name := range strings.SplitSeq(text, "+") {
			s := contracts.Service(name)
			if !slices.Contains(contracts.Services(), s) {
				return nil, &Exit{Code: usage, Err: fmt.Errorf("there is no service %q: the services are %v", name, contracts.Services())}
			}
			crew = append(crew, s)
		}
		all = append(all, crew)
	}
	return all, nil
}

// AccountsBroker is `usher accounts broker`.
type AccountsBroker struct{ crews }

// Run prints the accounts.
func (c *AccountsBroker) Run(t *Terminal) error {
	together, err := c.read()
	if err != nil {
		return err
	}
	cfg, err := service.ConfigFromEnv()
	if err != nil {
		return err
	}
	names, err := contracts.ParseNames(cfg.Broker.Prefix)
	if err != nil {
		return err
	}
	_, err = t.Out.Write(deployments.BrokerAccounts(deployments.Accounts(names, together...)))
	return err
}

// AccountsDatabase is `usher accounts database`.
type AccountsDatabase struct{ crews }

// Run prints the script.
func (c *AccountsDatabase) Run(t *Terminal) error {
	together, err := c.read()
	if err != nil {
		return err
	}
	_, err = t.Out.Write(deployments.Roles(standalone.Services(), together...))
	return err
}
