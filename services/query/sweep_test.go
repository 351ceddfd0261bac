package query_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
)

func TestAdministratorsHaveSweptWhatIsLeftOver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	c := b.conference(t, olga)
	c.makeEvent("c4f1a9e2")
	c.request()
	c.complete(contracts.Event, nil)
	c.succeed()
	c.waits(contracts.Success, "Imported Lakeside Open Days")
	_, err := b.res.DB.ExecContext(t.Context(), `UPDATE query.imports SET finished_at = now() - interval '11 minutes'`)
	require.NoError(t, err)

	swept := func(query string) (bool, any) {
		a := b.post(t, admin, "/v1/sweep"+query)
		require.Equal(t, http.StatusOK, a.status, a.text)
		require.Len(t, a.body["sweeps"], 6)
		facts := at(a.body, "sweeps", 0)
		require.Equal(t, "facts", at(facts, "sweep"))
		return a.body["dry_run"].(bool), at(facts, "count")
	}
	for _, test := range []struct {
		query string
		dry   bool
		count string
	}{{"?dry_run=true", true, "1"}, {"?dry_run=false", false, "1"}, {"", false, "0"}} {
		dry, count := swept(test.query)
		require.Equal(t, test.dry, dry)
		require.Equal(t, number(test.count), count)
	}

	refused := func(a answer, status int, code string) {
		require.Equal(t, status, a.status, a.text)
		require.Equal(t, code, a.body["code"])
	}
	for _, query := range []string{"?dry_run=yes", "?dry_run=", "?dry_run=true&dry_run=false"} {
		refused(b.post(t, admin, "/v1/sweep"+query), http.StatusBadRequest, "bad_option")
	}
	refused(b.post(t, olga, "/v1/sweep"), http.StatusForbidden, "admin_only")
	refused(b.post(t, nobody, "/v1/sweep"), http.StatusUnauthorized, "token_missing")
	lock, mine, err := postgres.TryAdvisoryLock(t.Context(), b.res.DB, "usher query sweep")
	require.NoError(t, err)
	require.True(t, mine)
	defer lock.Release()
	refused(b.post(t, admin, "/v1/sweep?dry_run=true"), http.StatusConflict, "sweep_running")
}
