package standalone_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/deployments"
)

// startFront runs Caddy on the committed configuration, with the services at
// other addresses, and returns its URL.
func startFront(t *testing.T, addresses map[contracts.Service]string) string {
	t.Helper()
	config := deploymentFile(t, deployments.FrontFile)
	for s, address := range addresses {
		config = strings.ReplaceAll(config, `$" `+deployments.Address(s)+"\n", `$" `+address+"\n")
	}
	folder := t.TempDir()
	file := filepath.Join(folder, deployments.FrontFile)
	require.NoError(t, os.WriteFile(file, []byte(config), 0o600))
	url := "http://" + freeAddress()
	cmd := exec.Command(serverProgram(t, "front", "caddy"), "run", "--config", file, "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "USHER_SITE="+url, "XDG_CONFIG_HOME="+folder, "XDG_DATA_HOME="+folder)
	launch(t, cmd)
	require.Eventually(t, func() bool {
		res, err := client.Get(url + "/nothing")
		return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusNotFound
	}, patience, glance)
	return url
}

// frontOf starts the front before services that all answer the same way.
func frontOf(t *testing.T, answer func(contracts.Service) http.Handler) string {
	t.Helper()
	addresses := make(map[contracts.Service]string)
	for _, s := range contracts.Services() {
		server := httptest.NewServer(answer(s))
		t.Cleanup(server.Close)
		addresses[s] = server.Listener.Addr().String()
	}
	return startFront(t, addresses)
}

// ask gives the status, the type and the body of an answer.
func ask(t *testing.T, method, url string) (int, string, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	require.NoError(t, err)
	res, err := client.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, res.Header.Get("Content-Type"), string(body)
}

func TestFrontSendsEveryRequestWhereOneProcessWould(t *testing.T) {
	t.Parallel()
	const answeredBy = "X-Answered-By"
	url := frontOf(t, func(s contracts.Service) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set(answeredBy, string(s)) })
	})
	// The routes as they are, and the paths of each service by any method.
	mux, owners, seen := http.NewServeMux(), map[contracts.Service]*http.ServeMux{}, map[string]bool{}
	for _, s := range contracts.Services() {
		owners[s] = http.NewServeMux()
	}
	for _, r := range contracts.Routes() {
		mux.HandleFunc(r.Pattern(), func(w http.ResponseWriter, _ *http.Request) { w.Header().Set(answeredBy, string(r.Service)) })
		if path := string(r.Service) + r.Path; !seen[path] {
			seen[path] = true
			owners[r.Service].HandleFunc(strings.TrimPrefix(r.Pattern(), r.Method+" "), func(http.ResponseWriter, *http.Request) {})
		}
	}

	// Paths in which a place holds an id, or a word that another route has at that place.
	fixed := make(map[int]map[string]bool)
	for _, r := range contracts.Routes() {
		for place, segment := range strings.Split(r.Path, "/") {
			if fixed[place] == nil {
				fixed[place] = make(map[string]bool)
			}
			if segment != "" && !strings.Contains(segment, "{") {
				fixed[place][segment] = true
			}
		}
	}
	paths := map[string]bool{"/": true, "/v1": true, "/v1/nothing": true, "/metrics": true, "/livez": true, "/readyz": true, "/v1/events/1/2/3/4/5/6": true}
	add := func(segments []string) {
		path := strings.Join(segments, "/")
		paths[path], paths[path+"/behind"] = true, true
	}
	for _, r := range contracts.Routes() {
		segments, places := strings.Split(r.Path, "/"), []int(nil)
		for place, segment := range segments {
			if strings.Contains(segment, "{") {
				segments[place], places = "4711", append(places, place)
			}
		}
		add(segments)
		for _, place := range places {
			for word := range fixed[place] {
				other := slices.Clone(segments)
				other[place] = word
				add(other)
			}
		}
	}
	tested := 0
	for path := range paths {
		for _, method := range []string{"GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"} {
			req, err := http.NewRequestWithContext(t.Context(), method, url+path, nil)
			require.NoError(t, err)
			res, err := client.Do(req)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			got := res.Header.Get(answeredBy)
			if _, pattern := mux.Handler(req); pattern != "" {
				want := httptest.NewRecorder()
				mux.ServeHTTP(want, req)
				require.Equal(t, want.Header().Get(answeredBy), got, "%s %s", method, path)
				tested++
				continue
			}
			known := false
			for _, owner := range owners {
				_, pattern := owner.Handler(req)
				known = known || pattern != ""
			}
			if known { // by another method: somebody who has the path says so
				require.NotEmpty(t, got, "%s %s", method, path)
				_, pattern := owners[contracts.Service(got)].Handler(req)
				require.NotEmpty(t, pattern, "%s %s went to %s", method, path, got)
			} else {
				require.Empty(t, got, "%s %s", method, path)
				require.Equal(t, http.StatusNotFound, res.StatusCode)
			}
		}
	}
	require.Greater(t, tested, len(contracts.Routes()))
}

func TestFrontAnswersWhatIsNotThereWithAProblem(t *testing.T) {
	t.Parallel()
	addresses := make(map[contracts.Service]string)
	for _, s := range contracts.Services() {
		addresses[s] = freeAddress()
	}
	url := startFront(t, addresses)
	for _, path := range []string{"/metrics", "/livez", "/readyz", "/v1/nothing", "/v1/events/..%2f..%2fmetrics"} {
		status, contentType, body := ask(t, "GET", url+path)
		require.Equal(t, http.StatusNotFound, status, path)
		require.Equal(t, "application/problem+json", contentType)
		require.JSONEq(t, `{"type":"about:blank","title":"Not Found","status":404,"detail":"There is nothing at this address.","code":"not_found"}`, body)
	}
	status, contentType, body := ask(t, "GET", url+"/v1/events")
	require.Equal(t, http.StatusBadGateway, status)
	require.Equal(t, "application/problem+json", contentType)
	require.JSONEq(t, `{"type":"about:blank","title":"Bad Gateway","status":502,"detail":"Usher cannot answer at the moment.","code":"unavailable"}`, body)
}

func TestFrontPassesOnAnUploadBeforeItIsWhole(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 1)
	url := frontOf(t, func(contracts.Service) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			line, _ := bufio.NewReader(r.Body).ReadString('\n')
			seen <- line
			_, _ = io.Copy(io.Discard, r.Body) // the sender's end is what is tested
		})
	})
	body, upload := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/events/import/json", body)
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() {
		res, err := client.Do(req)
		if err == nil {
			err = res.Body.Close()
		}
		done <- err
	}()
	_, err = io.WriteString(upload, "the beginning\n")
	require.NoError(t, err)
	select {
	case line := <-seen:
		require.Equal(t, "the beginning\n", line)
	case <-time.After(patience):
		require.FailNow(t, "the front waits for the rest")
	}
	require.NoError(t, upload.Close())
	require.NoError(t, <-done)
}

func TestFrontPassesOnAnAnswerBeforeItIsWhole(t *testing.T) {
	t.Parallel()
	received := make(chan bool, 1)
	url := frontOf(t, func(contracts.Service) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for _, line := range []string{"one", "two"} {
				_, _ = fmt.Fprintln(w, line)
				_ = http.NewResponseController(w).Flush()
				select {
				case <-received:
				case <-r.Context().Done():
				}
			}
		})
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/v1/tasks/4711", nil)
	require.NoError(t, err)
	res, err := client.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, res.Body.Close()) }()
	lines := bufio.NewReader(res.Body)
	for _, want := range []string{"one\n", "two\n"} {
		line, err := lines.ReadString('\n')
		require.NoError(t, err, "the front waits for the rest")
		require.Equal(t, want, line)
		received <- true
	}
}
