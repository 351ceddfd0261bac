package standalone_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/pkg/postgres/private"
	"github.com/usher-events/usher/services/standalone"
	"github.com/usher-events/usher/services/standalone/internal/deployments"
)

// crews are the services that tests run in one process, beside single ones: each has
// an account with the rights of all of them.
var crews = []deployments.Crew{
	{"ingest", "query"},
	{"ingest", "query", "notify"},
	{"ingest", "query", "event", "people", "media", "notify"},
	{"ingest", "query", "event", "people", "schedule", "notify"},
	{"event", "people"},
	{"event", "people", "schedule", "media"},
	{"event", "people", "schedule", "notify"},
	{"event", "people", "schedule", "media", "notify"},
	{"schedule", "media", "notify"},
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

// identity is the certificate of the servers that these tests start on 127.0.0.1, for
// which it vouches itself, and its key.
var identity = sync.OnceValues(func() (certificate, key []byte) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err) // there is no randomness
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Usher's tests"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:        true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		panic(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded})
})

// authority is the path of the certificate that the servers are checked by.
func authority(t *testing.T) string {
	t.Helper()
	certificate, _ := identity()
	path := filepath.Join(t.TempDir(), "authority.pem")
	require.NoError(t, os.WriteFile(path, certificate, 0o600))
	return path
}

// overTLS has a PostgreSQL listen on a port with that certificate.
func overTLS(port int) private.Option {
	certificate, key := identity()
	return private.WithTLS(port, certificate, key)
}

// freePort is one that nobody listens on.
func freePort() int {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err) // for TestMain, which has no test to fail
	}
	defer func() { _ = listener.Close() }() // it was only asked for its number
	return listener.Addr().(*net.TCPAddr).Port
}

func loopback(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

// database is one in which each account has a role of its own.
type database struct {
	// superuser is the URL for the tests to look with.
	superuser string
	// secure is where the accounts find the server, by TLS; empty is as the superuser does.
	secure string
}

// rolesMu: the roles belong to the whole server, and two who change one disturb each other.
var rolesMu sync.Mutex

// withRoles has a database made ready as deployments/README.md says.
func withRoles(t *testing.T, db database, psql string) database {
	t.Helper()
	makeRoles(t, psql, db.superuser, migrator, deployments.Roles(standalone.Services(), crews...), passwords("POSTGRES"))
	return db
}

func makeRoles(t *testing.T, psql, superuser, owner string, script []byte, passwords []string) {
	t.Helper()
	cmd := exec.Command(psql, "--no-psqlrc", "--quiet", "--set", "owner="+owner, superuser)
	cmd.Stdin = bytes.NewReader(script)
	cmd.Env = append(os.Environ(), passwords...)
	rolesMu.Lock()
	defer rolesMu.Unlock()
	said, err := cmd.CombinedOutput()
	require.NoError(t, err, string(said))
}

// testDatabase is one of the server that the tests share.
func testDatabase(t *testing.T) database {
	t.Helper()
	return withRoles(t, database{superuser: postgrestest.URL(t), secure: sharedAddress}, postgrestest.Program(t, "psql"))
}

// urlFor is the database's for a role. Without an authority the system's are asked.
func (d database) urlFor(t *testing.T, role, password, authority string) string {
	t.Helper()
	u, err := url.Parse(d.superuser)
	require.NoError(t, err)
	u.User = url.UserPassword(role, password)
	if d.secure != "" {
		u.Host = d.secure
		u.RawQuery = "sslmode=verify-full"
		if authority != "" {
			u.RawQuery += "&sslrootcert=" + url.QueryEscape(authority)
		}
	}
	return u.String()
}

// brokerURL is that of the broker for an account; it may have several addresses.
func brokerURL(addresses, account string) string {
	var all []string
	for address := range strings.SplitSeq(addresses, ",") {
		all = append(all, "tls://"+account+":"+passwordOf(account)+"@"+address)
	}
	return strings.Join(all, ",")
}

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
	n := &node{client: freeAddress(t), health: freeAddress(t), routes: freeAddress(t)}
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
			tls { cert_file: ` + strconv.Quote(filepath.Join(folder, "certificate.pem")) + `, key_file: ` + strconv.Quote(filepath.Join(folder, "key.pem")) + ` }
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
