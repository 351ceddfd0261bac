// Command deployments writes the files of the folder deployments that are made
// from the code: "make deployments".
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone"
	"github.com/usher-events/usher/services/standalone/internal/deployments"
)

func main() {
	if len(os.Args) != 2 {
		fail("usage: deployments FOLDER")
	}
	environment, err := deployments.Environment(standalone.Services())
	if err != nil {
		fail(err)
	}
	files, err := deployments.Kubernetes(standalone.Services())
	if err != nil {
		fail(err)
	}
	files[deployments.FrontFile] = deployments.Caddyfile()
	files[deployments.SettingsFile] = environment
	files[deployments.AccountsFile] = deployments.BrokerAccounts(deployments.Accounts(contracts.Names{}))
	files[deployments.RolesFile] = deployments.Roles(standalone.Services())
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(os.Args[1], name), content, 0o644); err != nil { //nolint:gosec // nothing in it is secret
			fail(err)
		}
	}
}

func fail(why any) {
	_, _ = fmt.Fprintln(os.Stderr, "deployments:", why) // nobody to tell where even this fails
	os.Exit(1)
}
