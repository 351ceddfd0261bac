package standalone_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// storeKeys are what a process needs to use the store of these tests.
var storeKeys = []string{"AWS_ACCESS_KEY_ID=usher", "AWS_SECRET_ACCESS_KEY=only-for-a-test"}

// startStore runs the store of compose.yaml on a folder and returns its address.
func startStore(t *testing.T, folder string) *url.URL {
	t.Helper()
	require.NoError(t, os.Mkdir(filepath.Join(folder, "usher"), 0o755))
	address := freeAddress()
	cmd := exec.Command(serverProgram(t, "s3", "versitygw"), "--port", address, "--health", "/health", "--keep-alive", "--quiet", "posix", folder)
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY=usher", "ROOT_SECRET_KEY=only-for-a-test")
	launch(t, cmd)
	require.Eventually(t, func() bool {
		res, err := client.Get("http://" + address + "/health")
		return err == nil && res.Body.Close() == nil && res.StatusCode == http.StatusOK
	}, patience, glance)
	return &url.URL{Scheme: "http", Host: address}
}

// storeBehind passes requests on to a store.
func storeBehind(store *url.URL) http.Handler {
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(store)
		r.Out.Host = r.In.Host // it is signed
	}}
}

// serveStore serves a store and returns the URL of the bucket in it.
func serveStore(t *testing.T, store http.Handler) string {
	t.Helper()
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	return "s3://usher?region=us-east-1&use_path_style=true&signed_links=false&endpoint=" + server.URL
}
