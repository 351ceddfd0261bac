package standalone_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// addAccount runs `usher user add` with a password on its standard input.
func addAccount(t *testing.T, admin api, nick, password string, more ...string) string {
	t.Helper()
	cmd := usher(t, []string{"USHER_TOKEN=" + admin.token}, append([]string{
		"user", "add", "--server", admin.url, "--nick", nick, "--email", nick + "@accounts.example",
	}, more...)...)
	cmd.Stdin = strings.NewReader(password + "\n")
	told, err := cmd.CombinedOutput()
	require.NoError(t, err, string(told))
	return string(told)
}

// signedIn returns the api of who signs in with a password.
func signedIn(t *testing.T, url, login, password string) api {
	t.Helper()
	body, err := json.Marshal(map[string]string{"login": login, "password": password})
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/auth/session", bytes.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	var session struct{ Token string }
	api{url: url}.do(t, req, http.StatusOK, &session)
	return api{url: url, token: session.Token}
}

func TestAccountSignsInAndOwnsWhatItImports(t *testing.T) {
	t.Parallel()
	folder := dataFolder(t)
	p := up(t, folder)
	operator := as(t, p, folder, "operator@admins.example", true)
	const password = "Laterne & Öl 1848"
	told := addAccount(t, operator, "olga", password, "--first-name", "Olga", "--planned-arrival", "2031-05-01")
	require.NotContains(t, told, "Laterne")
	told = addAccount(t, operator, "paul", "unused", "--generate")
	_, ofPaul, ok := strings.Cut(strings.TrimSpace(told), "Password  ")
	require.True(t, ok, told)
	require.Contains(t, addAccount(t, operator, "ada", password, "--admin"), "Admin     yes")

	olga := signedIn(t, p.url, "OLGA@accounts.example", password)
	paul := signedIn(t, p.url, "paul", ofPaul)
	ada := signedIn(t, p.url, "Ada", password)
	archive := made(t, 12, 6, 7)
	result := olga.succeeded(t, olga.upload(t, archive))
	require.Equal(t, expected(t, archive), olga.inventory(t, result.ID))
	require.Equal(t, 1, olga.total(t, "/v1/imports"))
	require.Equal(t, 1, olga.total(t, "/v1/notifications"))
	require.Equal(t, 0, paul.total(t, "/v1/imports"))
	require.Equal(t, 0, paul.total(t, "/v1/events"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/v1/events/"+result.ID, nil)
	require.NoError(t, err)
	paul.do(t, req, http.StatusNotFound, nil)

	// An account that is an administrator's does what an administrator does.
	require.Equal(t, 1, ada.total(t, "/v1/imports"))
	require.Equal(t, 3, ada.total(t, "/v1/users"))
	addAccount(t, ada, "ben", password)

	for _, taken := range []string{"OLGA", "ol ga"} {
		cmd := usher(t, []string{"USHER_TOKEN=" + ada.token}, "user", "add", "--server", p.url, "--nick", taken, "--email", "x@accounts.example")
		cmd.Stdin = strings.NewReader(password)
		told, err := cmd.CombinedOutput()
		require.Error(t, err, string(told))
		require.Contains(t, string(told), "nick")
	}
	// Nothing that a process says has a password or a token in it.
	for _, secret := range []string{"Laterne", ofPaul, olga.token, "argon2"} {
		require.NotContains(t, p.log.String(), secret)
	}
}
