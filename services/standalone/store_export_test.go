package standalone_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestArchiveOfAnExportComesFromTheStoreItselfByASignedAddress(t *testing.T) {
	t.Parallel()
	behind := storeBehind(startStore(t, t.TempDir()))
	var given atomic.Int64
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/exports/") && r.URL.Query().Has("X-Amz-Signature") {
			given.Add(1)
			if r.Header.Get("Authorization") != "" {
				t.Error("the store has got the token")
			}
		}
		behind.ServeHTTP(w, r)
	}))
	t.Cleanup(store.Close)
	folder := dataFolder(t)
	p := up(t, folder, append(storeKeys, "USHER_BUCKET_URL=s3://usher?region=us-east-1&use_path_style=true&endpoint="+store.URL)...)
	olga := as(t, p, folder, "olga@organizers.example", false)
	event := olga.succeeded(t, olga.upload(t, made(t, 12, 6, 3)))

	file := filepath.Join(t.TempDir(), "event.zip")
	said := output(t, []string{"USHER_SERVER=" + p.url, "USHER_TOKEN=" + olga.token}, "export", event.ID, "-o", file)
	require.Contains(t, said, "Wrote "+file)
	require.EqualValues(t, 1, given.Load())
	archive, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, expected(t, made(t, 12, 6, 3)).Sessions, expected(t, archive).Sessions)
}
