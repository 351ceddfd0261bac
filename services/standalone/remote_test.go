package standalone_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// As it is run, Usher asks nobody of its own network for a file, whatever an archive
// says; the addresses stay, and what may be secret of them is in no message and no log.
func TestArchiveDoesNotLeadUsherIntoItsOwnNetwork(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	inside := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		_, _ = w.Write([]byte("secret"))
	}))
	t.Cleanup(inside.Close)
	folder := dataFolder(t)
	p := up(t, folder)
	olga := as(t, p, folder, "olga@organizers.example", false)
	logo := strings.Replace(inside.URL, "http://", "http://root:hunter2@", 1) + "/logo.png?token=hunter2"
	archive := zipped(t, map[string]string{
		"event": fmt.Sprintf(`{"id": 1, "name": "Lantern Days", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00",
			"timezone": "Europe/Lisbon", "logo": %q, "large": %q, "icon": "http://169.254.169.254/latest/meta-data/"}`, logo, p.url+"/v1/events"),
	})
	path := filepath.Join(t.TempDir(), "lantern.zip")
	require.NoError(t, os.WriteFile(path, archive, 0o600))
	shown := output(t, nil, "import", path, "--fetch-media", "--watch", "--server", p.url, "--token", olga.token)
	require.Contains(t, shown, "SUCCESS")
	require.NotContains(t, shown, "hunter2")

	events := olga.all(t, "/v1/events")
	require.Len(t, events, 1)
	require.Equal(t, logo, events[0].Attributes["logo-url"], "the address stays")
	for _, file := range olga.all(t, "/v1/events/"+events[0].ID+"/media") {
		require.Equal(t, "remote", file.Attributes["state"])
	}
	require.Equal(t, 3, olga.total(t, "/v1/events/"+events[0].ID+"/media"))

	var imports struct{ Data []contracts.Task }
	olga.get(t, "/v1/imports", &imports)
	require.Len(t, imports.Data, 1)
	var issues struct{ Data []contracts.Issue }
	olga.get(t, "/v1/imports/"+imports.Data[0].ID+"/issues?filter[severity]=warning", &issues)
	codes := make(map[string]int)
	for _, issue := range issues.Data {
		codes[issue.Code]++
		require.NotContains(t, fmt.Sprint(issue), "hunter2")
	}
	require.Equal(t, 3, codes["media_remote_refused"], "%v", issues.Data)
	require.Zero(t, asked.Load())
	require.NotContains(t, p.log.String(), "hunter2")
}
