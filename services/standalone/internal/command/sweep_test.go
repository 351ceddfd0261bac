package command

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

func TestSweepTellsWhatItCameTo(t *testing.T) {
	t.Parallel()
	asked := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = r.Method + " " + r.URL.RequestURI()
		_, _ = fmt.Fprint(w, `{"dry_run":true,"sweeps":[{"sweep":"facts","count":12,"bytes":3400,"examples":["usher.\u001bx","y"]},{"sweep":"cache","count":0,"bytes":0,"examples":[]}]}`)
	}))
	t.Cleanup(server.Close)
	terminal := newRecorder(false)
	require.NoError(t, (&Sweep{Config: client.Config{Server: server.URL, Token: testToken}, DryRun: true}).Run(t.Context(), &terminal.Terminal))
	require.Equal(t, "POST /v1/sweep?dry_run=true", asked)
	require.Equal(t, "SWEEP  COUNT  BYTES   FOR EXAMPLE\nfacts  12     3.4 kB  usher. x\ncache  0      0 B     -\n", terminal.out.String())
	require.Equal(t, "Nothing was removed.\n", terminal.err.String())
}
