package bucket_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/bucket/buckettest"
	_ "github.com/usher-events/usher/pkg/bucket/drivers"
)

func TestFoldersHoldWhatUsherNeeds(t *testing.T) {
	t.Parallel()
	for kind, parameters := range map[string]string{
		"as they are":   "",
		"with a prefix": "?prefix=a/b/",
		"with sidecars": "?metadata=",
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			buckettest.Run(t, func(t *testing.T) *bucket.Bucket {
				return open(t, "file://"+t.TempDir()+"/not/there/yet"+parameters)
			})
		})
	}
}

func TestMemoryHoldsWhatUsherNeeds(t *testing.T) {
	t.Parallel()
	buckettest.Run(t, func(t *testing.T) *bucket.Bucket { return open(t, "mem://") })
}

// Not parallel, because the keys are of the environment.
func TestS3HoldsWhatUsherNeeds(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "usher")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "only-for-a-test")
	address := startS3(t)
	t.Run("store", func(t *testing.T) {
		buckettest.Run(t, func(t *testing.T) *bucket.Bucket {
			return open(t, "s3://usher?region=us-east-1&use_path_style=true&endpoint=http://"+address+"&prefix="+rand.Text()+"/")
		})
	})
	t.Run("few and small parts at once", func(t *testing.T) {
		parts := new(parts)
		store := httptest.NewServer(parts.before(address))
		defer store.Close()
		b := open(t, "s3://usher?region=us-east-1&use_path_style=true&endpoint="+store.URL)
		_, err := b.Store(t.Context(), "archives/i/u", bytes.NewReader(noise(33<<20)), "")
		require.NoError(t, err)
		require.Equal(t, 7, parts.seen)
		require.LessOrEqual(t, parts.atOnce, 2)
		require.LessOrEqual(t, parts.largest, int64(6<<20)) // with what a signature of pieces adds
	})
}

// parts sees the parts of a blob on their way to a store.
type parts struct {
	mu                  sync.Mutex
	seen, still, atOnce int
	largest             int64
}

// before passes everything on to the store of that address.
func (p *parts) before(address string) http.Handler {
	store := onward(address, nil)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Has("partNumber") {
			p.begin(r.ContentLength)
			defer p.end()
		}
		store.ServeHTTP(w, r)
	})
}

func (p *parts) begin(size int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seen++
	p.still++
	p.atOnce, p.largest = max(p.atOnce, p.still), max(p.largest, size)
}

func (p *parts) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.still--
}

// startS3 runs the store of deployments/compose.yaml and returns the address of a way to
// it: no port has to be free that it is told to listen on.
func startS3(t *testing.T) string {
	t.Helper()
	makefile, err := os.ReadFile("../../Makefile")
	require.NoError(t, err)
	version := regexp.MustCompile(`(?m)^VERSITYGW_VERSION := (\S+)$`).FindSubmatch(makefile)
	require.NotNil(t, version, "the Makefile names no version of versitygw")
	program, err := filepath.Abs("../../.tools/versitygw-" + string(version[1]) + "/versitygw")
	require.NoError(t, err)
	require.FileExists(t, program, `the test needs the store of deployments/compose.yaml: run "make servers"`)

	folder, socket := t.TempDir(), filepath.Join(t.TempDir(), "s3")
	require.NoError(t, os.Mkdir(filepath.Join(folder, "usher"), 0o755))
	cmd := exec.Command(program, "--port", socket, "--health", "/health", "--keep-alive", "--quiet", "posix", folder)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY=usher", "ROOT_SECRET_KEY=only-for-a-test")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait() // it was killed
	})
	way := httptest.NewServer(onward("store", &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}))
	t.Cleanup(way.Close)
	client := &http.Client{Timeout: time.Minute}
	require.Eventually(t, func() bool {
		res, err := client.Get(way.URL + "/health")
		return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
	}, time.Minute, 20*time.Millisecond)
	return way.Listener.Addr().String()
}

// onward passes everything on to that host. Who asks has signed the name of the one that
// was asked, so it stays.
func onward(host string, by http.RoundTripper) *httputil.ReverseProxy {
	return &httputil.ReverseProxy{Transport: by, Rewrite: func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", host }}
}
