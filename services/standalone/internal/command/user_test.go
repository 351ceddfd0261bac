package command

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

// addUser runs the command against a server that takes one account, with a standard
// input. It returns what the server was sent and what the command said.
func addUser(t *testing.T, c UserAdd, in string) (sent map[string]any, terminal *recorder, err error) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/users", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &sent)
		if sent["nick"] == "taken" {
			refuse(w, http.StatusConflict, "Conflict", "Another account has this nick.", "nick_taken")
			return
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, `{"data": {"type": "user", "id": "12", "attributes": {"nick": %q, "email": %q, "admin": %v}}}`,
			sent["nick"], sent["email"], sent["admin"])
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	terminal = newRecorder(false)
	terminal.In = strings.NewReader(in)
	c.Config = client.Config{Server: server.URL, Token: testToken}
	err = c.Run(t.Context(), &terminal.Terminal)
	return sent, terminal, err
}

func TestUserAddReadsThePasswordFromTheStandardInput(t *testing.T) {
	t.Parallel()
	age := 41
	for _, in := range []string{" Lantern & Öl ", " Lantern & Öl \n", " Lantern & Öl \r\nmore\n"} {
		sent, terminal, err := addUser(t, UserAdd{Nick: "olga", Email: "olga@organizers.example", Admin: true, Age: &age, TShirtSize: "M"}, in)
		require.NoError(t, err)
		require.Equal(t, map[string]any{
			"nick": "olga", "email": "olga@organizers.example", "password": " Lantern & Öl ", "admin": true, "age": 41.0, "tshirt_size": "M",
		}, sent)
		require.Equal(t, "User      12\nNick      olga\nE-mail    olga@organizers.example\nAdmin     yes\n", terminal.out.String())
		require.Empty(t, terminal.err.String())
	}
	_, _, err := addUser(t, UserAdd{Nick: "olga"}, "\n")
	require.ErrorContains(t, err, "--generate")
}

func TestUserAddPrintsAPasswordOnlyThatItHasMadeUpAndThatCounts(t *testing.T) {
	t.Parallel()
	first, terminal, err := addUser(t, UserAdd{Nick: "olga", Email: "olga@organizers.example", Generate: true}, "unused\n")
	require.NoError(t, err)
	require.Regexp(t, `^[A-Z2-7]{26}$`, first["password"])
	require.Equal(t, "User      12\nNick      olga\nE-mail    olga@organizers.example\nPassword  "+first["password"].(string)+"\n", terminal.out.String())
	second, terminal, err := addUser(t, UserAdd{Nick: "taken", Generate: true}, "")
	require.ErrorContains(t, err, "Another account has this nick. (nick_taken)")
	require.NotEqual(t, first["password"], second["password"])
	require.Empty(t, terminal.out.String())
}
