package client_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

const token = "head.body-of-a-secret.signature"

// serve starts a server that answers by handler and returns a client of it.
func serve(t *testing.T, handler http.HandlerFunc) (*client.Client, *httptest.Server) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return clientOf(t, server.URL), server
}

func clientOf(t *testing.T, url string) *client.Client {
	t.Helper()
	c, err := client.New(client.Config{Server: url, Token: token})
	require.NoError(t, err)
	return c
}

// problem answers with a problem document.
func problem(w http.ResponseWriter, status int, title, detail, code string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"type":"about:blank","title":"` + title + `","detail":"` + detail + `","code":"` + code + `"}`))
}

// replaceURL makes a text independent of the port of a server.
func replaceURL(text, url string) string { return strings.ReplaceAll(text, url, "URL") }
