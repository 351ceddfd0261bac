package query_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// account makes an account as the people service does; a hash is that of its password.
func (b *bench) account(t *testing.T, importID any, nick string, hash any) {
	t.Helper()
	_, err := b.res.DB.ExecContext(t.Context(), `INSERT INTO people.users (import_id, attempt, origin, nick, email, nick_key, email_key, first_name, password_hash, invitation)
		VALUES (?0, 1, ?1, ?1, ?1 || '@crew.example', lower(?1), lower(?1) || '@crew.example', '<b>Bea</b>', ?2, 1)`, importID, nick, hash)
	require.NoError(t, err)
}

func TestAdministratorsSeeTheAccountsOfAnImportAndOfAll(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.project(t)
	list := b.conference(t, olga)
	list.kind = contracts.UserList
	list.carried.FileName = "crew.csv"
	list.request()
	list.waits(contracts.Pending, "Waiting for people")
	b.account(t, list.id, "Bea", "the hash of a password")
	b.account(t, list.id, "Carl", nil)
	b.account(t, uuid.NewString(), "Dora", nil)
	b.account(t, nil, "Emil", "the hash of a password")

	for _, path := range []string{"/users", "/imports/" + list.id + "/users"} {
		b.requireLedTo(t, b.ask(t, nobody, http.MethodGet, path), "/signin")
		requirePage(t, b.ask(t, olga, http.MethodGet, path), http.StatusNotFound)
	}
	requirePage(t, b.ask(t, admin, http.MethodGet, "/imports/"+uuid.NewString()+"/users"), http.StatusNotFound)

	all := b.ask(t, admin, http.MethodGet, "/users")
	requirePage(t, all, http.StatusOK)
	for _, text := range []string{"Bea@crew.example", "Carl", "Dora", "Emil", "&lt;b&gt;Bea", `href="/imports/` + list.id + `"`, "1 to 4 of 4"} {
		require.Contains(t, all.text, text)
	}
	require.NotContains(t, all.text, "the hash of a password")
	require.Equal(t, 2, strings.Count(all.text, "data-invite="), "who has a password is not invited again")

	own := b.ask(t, admin, http.MethodGet, "/imports/"+list.id+"/users")
	requirePage(t, own, http.StatusOK)
	require.Contains(t, own.text, "Users of <bdi>crew.csv</bdi>")
	require.Contains(t, own.text, "1 to 2 of 2")
	require.NotContains(t, own.text, "Dora")

	found := b.ask(t, admin, http.MethodGet, "/users?filter[search]=+CARL%40")
	require.Contains(t, found.text, "1 to 1 of 1")
	require.Contains(t, found.text, "Carl")
	require.Contains(t, b.ask(t, admin, http.MethodGet, "/users?filter[search]=%25").text, "Nobody is called like that.")
	b.requireProblem(t, b.ask(t, admin, http.MethodGet, "/users?filter[search]=%00"), http.StatusBadRequest, "bad_filter")
}
