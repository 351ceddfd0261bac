package standalone_test

import (
	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/deployments"
)

// crews are the services that tests run in one process, beside single ones: each has
// an account with the rights of all of them.
var crews = []deployments.Crew{
	{"ingest", "query"},
	{"ingest", "query", "notify"},
	{"ingest", "query", "people", "notify"},
	{"ingest", "query", "event", "people", "media", "notify"},
	{"ingest", "query", "event", "people", "schedule", "notify"},
	{"event", "people"},
	{"event", "people", "schedule", "media"},
	{"event", "people", "schedule", "notify"},
	{"event", "people", "schedule", "media", "notify"},
	{"schedule", "media", "notify"},
	{"event", "schedule", "media"},
	{"ingest", "event", "people", "schedule", "media", "notify"},
	{"ingest", "event", "people", "schedule", "media", "notify", "query"},
}

// inspector is an account that may do everything, for the tests to look with.
const inspector = "inspector"

// migrator is the role that the databases of clusters are migrated by.
const migrator = "staging"

// accountSecret begins every password of an account, so that one in a log is seen.
const accountSecret = "password-of-"

func passwordOf(account string) string { return accountSecret + account }

// passwords are those of all accounts, as the broker and psql take them.
func passwords(server string) []string {
	var all []string
	for _, a := range brokerAccounts() {
		all = append(all, deployments.Variable(server, a.Name)+"="+passwordOf(a.Name))
	}
	return append(all, deployments.Variable(server, "owner")+"="+passwordOf("owner"))
}

func brokerAccounts() []deployments.Account {
	everything := contracts.Permissions{Publish: []string{">"}, Subscribe: []string{">"}}
	return append(deployments.Accounts(contracts.Names{}, crews...), deployments.Account{Name: inspector, Permissions: everything})
}
