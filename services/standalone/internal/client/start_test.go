package client_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

func TestStartTellsOfTheImport(t *testing.T) {
	t.Parallel()
	var asked string
	c, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.URL.EscapedPath()
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte(acceptance))
	})
	started, err := c.Start(t.Context(), "a/b", nil)
	require.NoError(t, err)
	require.Equal(t, "POST /v1/imports/a%2Fb/start", asked)
	require.Equal(t, client.Accepted{
		ID: "7", Kind: contracts.EventArchive, TaskURL: server.URL + "/v1/tasks/7", Size: 3, SHA256: "ab",
	}, started)
}

func TestStartThatIsAnsweredByNobodyIsAnError(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"<html>", `{}`} {
		c, server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			_, _ = w.Write([]byte(body))
		})
		_, err := c.Start(t.Context(), "7", nil)
		require.ErrorContains(t, err, server.URL+" does not answer as an Usher does")
	}
}

func TestImportAsksForWhatIsNotTheDefault(t *testing.T) {
	t.Parallel()
	var asked string
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked = r.URL.RawQuery
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte(acceptance))
	})
	for want, archive := range map[string]client.Archive{
		"":                                       {},
		"publish=true":                           {Publish: true},
		"fetch_media=true":                       {FetchMedia: true},
		"mode=strict":                            {Mode: contracts.Strict},
		"dry_run=true&mode=lenient&publish=true": {Publish: true, Mode: contracts.Lenient, Check: true},
	} {
		_, err := c.Import(t.Context(), archive)
		require.NoError(t, err)
		require.Equal(t, want, asked)
	}
}
