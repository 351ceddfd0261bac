package client_test

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// quick is a pace for tests.
func quick() client.Pace {
	return client.Pace{Shortest: time.Millisecond, Longest: time.Millisecond, Patience: time.Minute}
}

const exportAccepted = `{"id":"7","kind":"event-export","task_url":"/v1/tasks/7"}`

func TestExportAsksForTheEventAsItIsWanted(t *testing.T) {
	t.Parallel()
	var asked, sent string
	var keys []string
	c, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked, sent = r.Method+" "+r.URL.RequestURI(), string(body)
		keys = append(keys, r.Header.Get("Idempotency-Key"))
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte(exportAccepted))
	})

	accepted, err := c.Export(t.Context(), "a/b", client.Wanted{Dialect: "b", Image: true, Document: true}, quick())
	require.NoError(t, err)
	require.Equal(t, client.Accepted{ID: "7", Kind: contracts.EventExport, TaskURL: server.URL + "/v1/tasks/7"}, accepted)
	require.Equal(t, "POST /v1/events/a%2Fb/export/json?dialect=b", asked)
	require.JSONEq(t, `{"image":true,"video":false,"audio":false,"document":true}`, sent)

	_, err = c.Export(t.Context(), "a1b2", client.Wanted{}, quick())
	require.NoError(t, err)
	require.Equal(t, "POST /v1/events/a1b2/export/json", asked)
	require.NotEmpty(t, keys[0])
	require.NotEqual(t, keys[0], keys[1], "who asks again, later, wants the event as it is then")
}

func TestExportWhoseAnswersGetLostIsAskedForAgainUnderItsKey(t *testing.T) {
	t.Parallel()
	var keys []string
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if keys = append(keys, r.Header.Get("Idempotency-Key")); len(keys) < 3 {
			cut(w)
			return
		}
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte(exportAccepted))
	})
	accepted, err := c.Export(t.Context(), "a1b2", client.Wanted{}, quick())
	require.NoError(t, err)
	require.Equal(t, "7", accepted.ID)
	require.Equal(t, []string{keys[0], keys[0], keys[0]}, keys)
}

func TestExportThatIsRefusedIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	asked := 0
	c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		asked++
		problem(w, http.StatusServiceUnavailable, "Service Unavailable", "There is no room right now.", "import_stream_full")
	})
	_, err := c.Export(t.Context(), "a1b2", client.Wanted{}, quick())
	require.EqualError(t, err, "Service Unavailable: There is no room right now. (import_stream_full)")
	require.Equal(t, 1, asked)

	url := nowhere(t)
	_, err = clientOf(t, url).Export(t.Context(), "a1b2", client.Wanted{}, quick())
	require.EqualError(t, err, "cannot reach "+url+": is usher running? start it with `usher up`")
}

func TestExportThatIsAnsweredByNobodyIsAnError(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"<html>", `{}`} {
		c, server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			_, _ = w.Write([]byte(body))
		})
		_, err := c.Export(t.Context(), "a1b2", client.Wanted{}, quick())
		require.ErrorContains(t, err, server.URL+" does not answer as an Usher does")
	}
}
