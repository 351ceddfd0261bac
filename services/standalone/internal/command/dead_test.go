package command

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

const buried = `"buried-at":"2026-03-04T05:06:07Z","reason":"no \u001b[31mJSON","consumer":"event-archive-media",
	"subject":"usher.import.x","message-id":"","size":2048`

// deadServer has two messages, of which number 7 has the given payload.
func deadServer(t *testing.T, payload string) client.Config {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/dead", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"data":[{"type":"dead","id":"9","attributes":{%s}},{"type":"dead","id":"7","attributes":{%[1]s}}],"meta":{"total":5},"links":{}}`, buried)
	})
	mux.HandleFunc("/v1/dead/{sequence}", func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.PathValue("sequence") != "7":
			refuse(w, http.StatusNotFound, "Not Found", "There is no such thing, or it is not yours.", "not_found")
		case r.Method == http.MethodDelete:
			w.WriteHeader(http.StatusNoContent)
		default:
			_, _ = fmt.Fprintf(w, `{"data":{"type":"dead","id":"7","attributes":{%s,%s}}}`, buried, payload)
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return client.Config{Server: server.URL, Token: testToken}
}

func TestDeadListIsATable(t *testing.T) {
	t.Parallel()
	terminal := newRecorder(false)
	require.NoError(t, (&DeadList{Config: deadServer(t, ""), Limit: 2}).Run(t.Context(), &terminal.Terminal))
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC).Local().Format("2006-01-02 15:04:05 MST")
	require.Equal(t, "NUMBER  WHEN                     CONSUMER             SUBJECT         SIZE    REASON\n"+
		"9       "+at+"  event-archive-media  usher.import.x  2.0 kB  no  [31mJSON\n"+
		"7       "+at+"  event-archive-media  usher.import.x  2.0 kB  no  [31mJSON\n", terminal.out.String())
	require.Equal(t, "3 more\n", terminal.err.String())
}

func TestDeadShowsAPayloadThatCannotSteerTheTerminal(t *testing.T) {
	t.Parallel()
	show := func(payload string) string {
		terminal := newRecorder(false)
		require.NoError(t, (&DeadShow{Config: deadServer(t, payload), Number: 7}).Run(t.Context(), &terminal.Terminal))
		for _, r := range terminal.out.String() {
			require.False(t, r != '\n' && (r < ' ' || r >= 0x7f && r <= 0x9f || r == '\u202e'), "%q", r)
		}
		return terminal.out.String()
	}
	text := show(`"payload":"{\u001b[2J\n\t\"a\": \u009b1 \u202e2}\r\n","payload-cut":false`)
	require.Contains(t, text, "Number    7\n")
	require.Contains(t, text, "Message   -\n")
	require.Contains(t, text, "Reason    no  [31mJSON\n")
	require.Contains(t, text, "\n\n{ [2J\n\"a\":  1  2}\n")
	bytes := show(`"payload-base64":"` + base64.StdEncoding.EncodeToString([]byte("\xff\x1b[2J")) + `","payload-cut":true`)
	require.Contains(t, bytes, "00000000  ff 1b 5b 32 4a")
	require.Contains(t, bytes, "… 5 bytes of 2048\n")
}

func TestDeadDiscardEndsAtTheFirstThatIsNotThere(t *testing.T) {
	t.Parallel()
	terminal := newRecorder(false)
	err := (&DeadDiscard{Config: deadServer(t, ""), Numbers: []uint64{7, 8, 7}}).Run(t.Context(), &terminal.Terminal)
	require.ErrorContains(t, err, "message 8: Not Found")
	require.Equal(t, "7 discarded\n", terminal.out.String())
}
