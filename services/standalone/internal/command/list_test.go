package command

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

// list runs the command against a server that has one page of imports.
func list(t *testing.T, page string, limit int) (string, error) {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/imports", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, page) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	terminal := newRecorder(false)
	err := (&List{Config: client.Config{Server: server.URL}, Limit: limit}).Run(t.Context(), &terminal.Terminal)
	return terminal.out.String(), err
}

func TestListIsATable(t *testing.T) {
	t.Parallel()
	text, err := list(t, `{"data":[
		{"type":"import","id":"`+importID+`","attributes":{"kind":"event-archive","state":"STARTED","stage":"schedule",
			"created-at":"2026-03-04T05:06:07Z","file-name":"春の\u001b[31m fair.zip","event-id":null}},
		{"type":"import","id":"0190a6ce-2b7e-7cc3-98f2-0242ac120001","attributes":{"kind":"event-archive","state":"SUCCESS","stage":"notify",
			"created-at":"2026-03-04T05:06:07Z","file-name":"","event-id":"24"}}],"links":{}}`, 20)
	require.NoError(t, err)
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC).Local().Format("2006-01-02 15:04")
	require.Equal(t, `ID                                    STATE    KIND           STAGE     WHEN              EVENT  CODE  FILE
`+importID+`  STARTED  event-archive  schedule  `+at+`  -      -     春の [31m fair.zip
0190a6ce-2b7e-7cc3-98f2-0242ac120001  SUCCESS  event-archive  notify    `+at+`  24     -     -
`, text)
}

func TestListOfNothingSaysSo(t *testing.T) {
	t.Parallel()
	text, err := list(t, `{"data":[],"links":{}}`, 20)
	require.NoError(t, err)
	require.Equal(t, "There are no imports.\n", text)
}

func TestListRefusesALimitOfNothing(t *testing.T) {
	t.Parallel()
	_, err := list(t, `{"data":[]}`, 0)
	require.EqualError(t, err, "the limit is 0, it must be at least 1")
}
