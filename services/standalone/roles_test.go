package standalone_test

import (
	"bytes"
	"net/url"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/services/standalone"
	"github.com/usher-events/usher/services/standalone/internal/deployments"
)

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
