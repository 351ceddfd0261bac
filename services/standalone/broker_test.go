package standalone_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/standalone/internal/deployments"
)

// brokerURL is that of the broker for an account; it may have several addresses.
func brokerURL(addresses, account string) string {
	var all []string
	for address := range strings.SplitSeq(addresses, ",") {
		all = append(all, "tls://"+account+":"+passwordOf(account)+"@"+address)
	}
	return strings.Join(all, ",")
}

// unhurried has a test's own client wait for a broker on a machine that other tests keep busy.
var unhurried = nats.Timeout(patience)

// node is a broker: one that is alone, or a server of several.
type node struct {
	client, health, routes string
	conf                   string
	*process
}

// newNode writes the settings of a broker that listens for TLS and gives each account
// the rights that deployments/nats-accounts.conf would.
func newNode(t *testing.T, name string) *node {
	t.Helper()
	n := &node{client: freeAddress(), health: freeAddress(), routes: freeAddress()}
	folder := t.TempDir()
	certificate, key := identity()
	n.conf = filepath.Join(folder, "nats.conf")
	for file, content := range map[string][]byte{
		"certificate.pem": certificate, "key.pem": key,
		"accounts.conf": deployments.BrokerAccounts(brokerAccounts()),
		// What the streams may reserve is more than a small disk has; nothing is written for it.
		"nats.conf": []byte(`
			server_name: ` + name + `, listen: ` + strconv.Quote(n.client) + `, http: ` + strconv.Quote(n.health) + `
			jetstream { store_dir: ` + strconv.Quote(filepath.Join(folder, "store")) + `, sync_interval: always, max_file_store: 100GB }
			tls { cert_file: ` + strconv.Quote(filepath.Join(folder, "certificate.pem")) + `, key_file: ` + strconv.Quote(filepath.Join(folder, "key.pem")) + `, timeout: 30 } # a busy machine takes its time
			include ./accounts.conf
		`),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, file), content, 0o600))
	}
	return n
}

// join tells a node of the others.
func (n *node) join(t *testing.T, routes []string) {
	t.Helper()
	settings, err := os.ReadFile(n.conf)
	require.NoError(t, err)
	settings = append(settings, "cluster { name: usher, listen: "+strconv.Quote(n.routes)+", routes: ["+strings.Join(routes, ", ")+"] }\n"...)
	require.NoError(t, os.WriteFile(n.conf, settings, 0o600))
}

// refusal is what the broker's log says of everything that it has not allowed.
const refusal = "Violation"

// start runs the broker. Whatever it has refused, in all the time until the test ends,
// fails the test.
func (n *node) start(t *testing.T) {
	t.Helper()
	var p *process
	t.Cleanup(func() {
		for line := range strings.Lines(p.log.String()) {
			require.NotContains(t, line, refusal, "a permission is missing, see contracts/permissions.go")
		}
	})
	n.launch(t)
	p = n.process
}

// launch runs the broker, which may refuse what it likes.
func (n *node) launch(t *testing.T) {
	t.Helper()
	cmd := exec.Command(serverProgram(t, "nats", "nats-server"), "--config", n.conf)
	cmd.Env = append(os.Environ(), passwords("NATS")...)
	n.process, _ = launch(t, cmd)
}

// startBroker runs one and returns its address. What it keeps in the end, when the
// processes have ended, is held against the schemas.
func startBroker(t *testing.T) string {
	t.Helper()
	n := newNode(t, "usher")
	n.start(t)
	n.awaitHealth(t)
	trusted := nats.RootCAs(authority(t))
	t.Cleanup(func() { holdMessages(t, brokerURL(n.client, inspector), trusted) })
	return n.client
}
