package client_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

func TestImportsAreTakenBackByTheirRoutes(t *testing.T) {
	t.Parallel()
	var asked string
	c, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.URL.RequestURI()
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte(`{"id":"7","task_url":"/v1/tasks/7","attempt":1}`))
	})
	want := client.TakenBack{ID: "7", TaskURL: server.URL + "/v1/tasks/7"}
	for route, ask := range map[string]func() (client.TakenBack, error){
		"POST /v1/imports/a%2Fb/cancel":       func() (client.TakenBack, error) { return c.Cancel(t.Context(), "a/b") },
		"DELETE /v1/imports/a%2Fb":            func() (client.TakenBack, error) { return c.Discard(t.Context(), "a/b", false) },
		"DELETE /v1/imports/a%2Fb?force=true": func() (client.TakenBack, error) { return c.Discard(t.Context(), "a/b", true) },
	} {
		taken, err := ask()
		require.NoError(t, err)
		require.Equal(t, route, asked)
		require.Equal(t, want, taken)
	}
}

func TestTakingBackThatIsAnsweredByNobodyIsAnError(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"<html>", `{}`} {
		c, server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			_, _ = w.Write([]byte(body))
		})
		_, err := c.Cancel(t.Context(), "7")
		require.ErrorContains(t, err, server.URL+" does not answer as an Usher does")
	}
}
