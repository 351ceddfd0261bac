package client_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

func TestNewRefusesWhatIsNoServer(t *testing.T) {
	t.Parallel()
	for _, server := range []string{
		"localhost:8080", "ftp://usher.example", "http://", "://", "usher.example",
		"http://anna:hush@usher.example", "http://usher.example/?a=b", "http://usher.example/#a",
	} {
		_, err := client.New(client.Config{Server: server})
		require.ErrorContains(t, err, "the server must be a URL such as http://localhost:8080", server)
		require.NotContains(t, err.Error(), "hush")
	}
}

func TestNewRefusesATokenThatCannotBeOneWithoutRepeatingIt(t *testing.T) {
	t.Parallel()
	_, err := client.New(client.Config{Token: "half of\na-secret"})
	require.ErrorContains(t, err, "the token has characters that no token has")
	require.NotContains(t, err.Error(), "secret")
	_, err = client.New(client.Config{Token: token + "\n"})
	require.NoError(t, err, "the end of a line of a file is no part of a token")
}

func TestEveryPathIsBelowThePathOfTheServer(t *testing.T) {
	t.Parallel()
	var asked, authorization string
	_, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked, authorization = r.URL.EscapedPath(), r.Header.Get("Authorization")
		_, _ = w.Write([]byte(`{"id":"7","state":"PENDING"}`))
	})
	c := clientOf(t, server.URL+"/fair/")

	task, err := c.Task(t.Context(), "a/b")

	require.NoError(t, err)
	require.Equal(t, "7", task.ID)
	require.Equal(t, "/fair/v1/tasks/a%2Fb", asked)
	require.Equal(t, "Bearer "+token, authorization)
	require.Equal(t, server.URL+"/fair/v1/events/7", c.URL("/v1/events/7"))
	require.Equal(t, "https://usher.example/v1/events/7", c.URL("https://usher.example/v1/events/7"))
}

func TestAnAnswerThatIsNoDocumentIsNotUshers(t *testing.T) {
	t.Parallel()
	c, server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("<html>"))
	})
	_, err := c.Task(t.Context(), "7")
	require.ErrorContains(t, err, server.URL+" does not answer as an Usher does")
}

func TestTaskKnowsItsEventAndItsReason(t *testing.T) {
	t.Parallel()
	documents := map[string]string{
		"/v1/tasks/good": `{"state":"SUCCESS","result":{"id":"24","identifier":"a1b2","event_name":"Fair","url":"/v1/events/a1b2"}}`,
		"/v1/tasks/bad":  `{"state":"FAILURE","result":"sessions line 3: no \u001b[31mtitle","error":{"title":"T","detail":"D","code":"c"}}`,
		"/v1/tasks/odd":  `{"state":"FAILURE","result":null,"error":{"title":"Invalid archive","detail":"No event file.","code":"invalid_archive"}}`,
	}
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(documents[r.URL.Path])) })

	good, err := c.Task(t.Context(), "good")
	require.NoError(t, err)
	event, ok := good.Event()
	require.True(t, ok)
	require.Equal(t, "a1b2", event.Identifier)
	require.Equal(t, "/v1/events/a1b2", event.URL)
	require.Empty(t, good.Reason())
	require.Equal(t, documents["/v1/tasks/good"], string(good.Raw))

	bad, err := c.Task(t.Context(), "bad")
	require.NoError(t, err)
	_, ok = bad.Event()
	require.False(t, ok)
	require.Equal(t, "sessions line 3: no  [31mtitle", bad.Reason())

	odd, err := c.Task(t.Context(), "odd")
	require.NoError(t, err)
	require.Equal(t, "Invalid archive: No event file. (invalid_archive)", odd.Reason())
}
