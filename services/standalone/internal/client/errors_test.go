package client_test

import (
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

// nowhere is the URL of a port that nobody serves.
func nowhere(t *testing.T) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return "http://" + listener.Addr().String()
}

func TestAServerThatIsNotThereIsNamedWithWhatToDo(t *testing.T) {
	t.Parallel()
	url := nowhere(t)
	_, err := clientOf(t, url).Task(t.Context(), "7")
	require.EqualError(t, err, "cannot reach "+url+": is usher running? start it with `usher up`")
}

func TestRefusalsReadAsOneSentence(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"problem document": {
			func(w http.ResponseWriter, _ *http.Request) {
				problem(w, http.StatusNotFound, "Not Found", "There is no such import.", "unknown_import")
			},
			"Not Found: There is no such import. (unknown_import)",
		},
		"problem without detail": {
			func(w http.ResponseWriter, _ *http.Request) { problem(w, http.StatusForbidden, "Forbidden", "", "") },
			"Forbidden",
		},
		"problem that would steer the terminal": {
			func(w http.ResponseWriter, _ *http.Request) {
				problem(w, http.StatusBadRequest, "Bad", `two\nlines\u001b[2J`, "bad")
			},
			"Bad: two lines [2J (bad)",
		},
		"token not accepted": {
			func(w http.ResponseWriter, _ *http.Request) {
				problem(w, http.StatusUnauthorized, "Unauthorized", "The token is not valid: expired.", "token_invalid")
			},
			"URL does not accept the token: Unauthorized: The token is not valid: expired. (token_invalid); `usher token` prints a new one",
		},
		"page of a proxy": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusBadGateway)
				_, _ = w.Write([]byte("<html>bad gateway</html>"))
			},
			"URL answered 502 Bad Gateway",
		},
		"another address": {
			func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://usher.example/v1/tasks/7", http.StatusMovedPermanently)
			},
			"Usher is not here: URL leads to https://usher.example/v1/tasks/7; give the right one by --server",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, server := serve(t, test.answer)
			_, err := c.Task(t.Context(), "7")
			require.ErrorAs(t, err, new(*client.RefusedError))
			require.Equal(t, test.want, replaceURL(err.Error(), server.URL))
			require.NotContains(t, err.Error(), "secret")
		})
	}
}

func TestAMissingTokenIsToldFromABadOne(t *testing.T) {
	t.Parallel()
	var header http.Header
	_, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		header = r.Header
		problem(w, http.StatusUnauthorized, "Unauthorized", "This needs a token.", "token_missing")
	})
	c, err := client.New(client.Config{Server: server.URL})
	require.NoError(t, err)
	_, err = c.Task(t.Context(), "7")
	require.EqualError(t, err, server.URL+" wants to know who you are: give --token or set USHER_TOKEN, `usher token` prints one")
	require.NotContains(t, header, "Authorization")
}

func TestRefusalKnowsWhenToAskAgain(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Duration{
		"7": 7 * time.Second, "0": 0, "-5": 0, "": 0, "soon": 0,
		"Thu, 01 Jan 1970 00:00:00 GMT": 0,
	} {
		c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", value)
			w.WriteHeader(http.StatusServiceUnavailable)
		})
		_, err := c.Task(t.Context(), "7")
		refused := new(client.RefusedError)
		require.ErrorAs(t, err, &refused)
		require.Equal(t, want, refused.RetryAfter, value)
	}
	c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat))
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	_, err := c.Task(t.Context(), "7")
	refused := new(client.RefusedError)
	require.ErrorAs(t, err, &refused)
	require.Positive(t, refused.RetryAfter)
	require.LessOrEqual(t, refused.RetryAfter, time.Hour)
}
