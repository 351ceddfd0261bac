package client_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

func TestReplayNamesTheStageOnlyWhereOneIsWanted(t *testing.T) {
	t.Parallel()
	var asked, sent string
	c, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked, sent = r.Method+" "+r.URL.EscapedPath(), string(body)
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte(`{"id":"7","task_url":"/v1/tasks/7","attempt":2,"from":"schedule"}`))
	})
	for from, want := range map[contracts.Stage]string{"": `{}`, contracts.Schedule: `{"from":"schedule"}`} {
		replayed, err := c.Replay(t.Context(), "a/b", from, false)
		require.NoError(t, err)
		require.Equal(t, "POST /v1/imports/a%2Fb/replay", asked)
		require.Equal(t, want, sent)
		require.Equal(t, client.Replayed{ID: "7", TaskURL: server.URL + "/v1/tasks/7", Attempt: 2, From: contracts.Schedule}, replayed)
	}
}

func TestReplayThatIsAnsweredByNobodyIsAnError(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"<html>", `{"id":"7"}`} {
		c, server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			_, _ = w.Write([]byte(body))
		})
		_, err := c.Replay(t.Context(), "7", "", false)
		require.ErrorContains(t, err, server.URL+" does not answer as an Usher does")
	}
	url := nowhere(t)
	_, err := clientOf(t, url).Replay(t.Context(), "7", "", false)
	require.EqualError(t, err, "cannot reach "+url+": is usher running? start it with `usher up`")
}
