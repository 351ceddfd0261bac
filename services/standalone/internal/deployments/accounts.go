package deployments

import (
	"fmt"
	"strings"

	"github.com/usher-events/usher/contracts"
)

// Account is one of the broker.
type Account struct {
	Name        string
	Permissions contracts.Permissions
}

// Crew are services that run in one process, and have an account together.
type Crew []contracts.Service

// Name is that of the account: "event-people".
func (c Crew) Name() string {
	var all []string
	for _, s := range c {
		all = append(all, string(s))
	}
	return strings.Join(all, "-")
}

// Accounts are that of `usher provision`, one for each service, and one for each of
// the given crews.
func Accounts(names contracts.Names, crews ...Crew) []Account {
	all := []Account{{Name: contracts.Provisioner, Permissions: names.ProvisionPermissions()}}
	for _, s := range contracts.Services() {
		all = append(all, Account{Name: string(s), Permissions: names.Permissions(s)})
	}
	for _, c := range crews {
		all = append(all, Account{Name: c.Name(), Permissions: names.Permissions(c...)})
	}
	return all
}

// Variable names the environment variable of a password: NATS_EVENT_PASSWORD for
// the account "event" of the server NATS.
func Variable(server, account string) string {
	return strings.ToUpper(server + "_" + strings.ReplaceAll(account, "-", "_") + "_PASSWORD")
}

// BrokerAccounts are accounts in the language of NATS' configuration, for a server
// to include. It takes the passwords, plain or as bcrypt makes them, from its
// environment.
func BrokerAccounts(accounts []Account) []byte {
	var b strings.Builder
	b.WriteString("# Made from contracts/permissions.go by \"make deployments\", or \"usher accounts broker\"; a\n" +
		"# change here would be lost. What each process may publish and listen to.\n\n" +
		"authorization {\n  users: [\n")
	for _, a := range accounts {
		fmt.Fprintf(&b, "    {\n      user: %s\n      password: $%s\n      permissions: {\n", a.Name, Variable("NATS", a.Name))
		if len(a.Permissions.Never) == 0 {
			subjects(&b, "        ", "publish", a.Permissions.Publish)
		} else {
			b.WriteString("        publish: {\n")
			subjects(&b, "          ", "allow", a.Permissions.Publish)
			subjects(&b, "          ", "deny", a.Permissions.Never)
			b.WriteString("        }\n")
		}
		subjects(&b, "        ", "subscribe", a.Permissions.Subscribe)
		if a.Permissions.Answers {
			b.WriteString("        allow_responses: true\n")
		}
		b.WriteString("      }\n    }\n")
	}
	b.WriteString("  ]\n}\n")
	return []byte(b.String())
}

func subjects(b *strings.Builder, indent, what string, all []string) {
	fmt.Fprintf(b, "%s%s: [\n", indent, what)
	for _, s := range all {
		fmt.Fprintf(b, "%s  %q\n", indent, s)
	}
	fmt.Fprintf(b, "%s]\n", indent)
}
