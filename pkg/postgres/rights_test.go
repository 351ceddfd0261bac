package postgres_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
)

// roleOf makes the role of a service whose name is random, for roles belong to the whole
// server, and returns both.
func roleOf(t *testing.T, owner string) (service, role string) {
	t.Helper()
	service = "s" + strings.ToLower(rand.Text()[:8])
	role = postgres.Role(owner, service)
	db := postgrestest.New(t)
	execute(t, db, "CREATE ROLE "+pgx.Identifier{role}.Sanitize())
	t.Cleanup(func() {
		_, err := db.ExecContext(context.Background(), "DROP OWNED BY "+role+"; DROP ROLE "+role)
		require.NoError(t, err)
	})
	return service, role
}

func TestGrantGivesARoleWhatIsItsOwnAndTheViewsThatItReads(t *testing.T) {
	t.Parallel()
	db := postgrestest.New(t)
	owner := query[string](t, db, "SELECT current_user")
	reader, role := roleOf(t, owner)
	sets := []postgres.Migrations{
		{Schema: "people", Name: "people", Files: files(map[string]string{
			"0001_begin.sql": "CREATE TABLE users (id int); CREATE VIEW api_users AS SELECT id FROM users; CREATE VIEW api_all AS SELECT * FROM users",
		})},
		{Schema: reader, Name: reader, Files: files(map[string]string{"0001_begin.sql": "CREATE TABLE rows (id int); CREATE SEQUENCE numbers"})},
	}
	require.NoError(t, postgres.Migrate(t.Context(), db, sets...))
	may := func(what, right string) bool {
		return query[bool](t, db, "SELECT has_schema_privilege(?0, split_part(?1, '.', 1), 'USAGE') AND has_table_privilege(?0, ?1, ?2)", role, what, right)
	}
	rights := []postgres.Rights{{Schema: "people"}, {Schema: reader, Views: []postgres.View{{Schema: "people", Name: "api_users"}}}}
	granted, err := postgres.Grant(t.Context(), db, rights...)
	require.NoError(t, err)
	require.Equal(t, []string{role}, granted, "there is no role for people")
	for _, right := range []string{"SELECT", "INSERT", "UPDATE", "DELETE"} {
		require.True(t, may(reader+".rows", right), right)
		require.False(t, may("people.users", right), right)
	}
	require.False(t, may(reader+".rows", "TRUNCATE"))
	require.True(t, query[bool](t, db, "SELECT has_sequence_privilege(?, ?, 'USAGE')", role, reader+".numbers"))
	require.True(t, may(reader+".migrations", "SELECT"))
	require.False(t, may(reader+".migrations", "INSERT"))
	require.True(t, may("people.api_users", "SELECT"))
	require.False(t, may("people.api_users", "UPDATE"))
	require.False(t, may("people.api_all", "SELECT"))

	// The next version has a table more, and reads another view.
	sets[1].Files = files(map[string]string{"0001_begin.sql": "CREATE TABLE rows (id int); CREATE SEQUENCE numbers", "0002_more.sql": "CREATE TABLE more (id int)"})
	require.NoError(t, postgres.Migrate(t.Context(), db, sets...))
	rights[1].Views[0].Name = "api_all"
	_, err = postgres.Grant(t.Context(), db, rights...)
	require.NoError(t, err)
	require.True(t, may(reader+".more", "INSERT"))
	require.True(t, may("people.api_all", "SELECT"))
	require.False(t, may("people.api_users", "SELECT"))
}
