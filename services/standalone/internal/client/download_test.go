package client_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// exported makes an archive and what its task tells of it.
func exported() ([]byte, contracts.Exported) {
	content := make([]byte, 300_001)
	_, _ = rand.NewChaCha8([32]byte{2}).Read(content)
	sum := sha256.Sum256(content)
	return content, contracts.Exported{Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
}

// give answers with a file, or the range of it that is asked for, as Usher does.
func give(w http.ResponseWriter, r *http.Request, tag string, content []byte) {
	if tag != "" {
		w.Header().Set("Etag", tag)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

// torn sends so many bytes of an answer and cuts the connection.
type torn struct {
	http.ResponseWriter
	left int
}

func (w *torn) Write(p []byte) (int, error) {
	if len(p) >= w.left {
		_, _ = w.ResponseWriter.Write(p[:w.left])
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	w.left -= len(p)
	return w.ResponseWriter.Write(p)
}

func TestDownloadGivesTheArchiveAsItIs(t *testing.T) {
	t.Parallel()
	content, archive := exported()
	var asked, authorization string
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked, authorization = r.Method+" "+r.URL.RequestURI(), r.Header.Get("Authorization")
		give(w, r, `"a"`, content)
	})
	var got bytes.Buffer
	require.NoError(t, c.Download(t.Context(), "a/b", archive, quick(), &got))
	require.True(t, bytes.Equal(content, got.Bytes()))
	require.Equal(t, "GET /v1/exports/a%2Fb", asked)
	require.Equal(t, "Bearer "+token, authorization)
}

func TestStoreThatUsherLeadsToDoesNotGetTheToken(t *testing.T) {
	t.Parallel()
	content, archive := exported()
	var header http.Header
	var query string
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header, query = r.Header, r.URL.RawQuery
		give(w, r, `"of the store"`, content)
	}))
	t.Cleanup(store.Close)
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, store.URL+"/blob?signature=hush", http.StatusTemporaryRedirect)
	})
	var got bytes.Buffer
	require.NoError(t, c.Download(t.Context(), "7", archive, quick(), &got))
	require.True(t, bytes.Equal(content, got.Bytes()))
	require.Equal(t, "signature=hush", query)
	for name, values := range header {
		require.NotContains(t, strings.Join(values, " "), "secret", name)
	}
	require.NotContains(t, header, "Authorization")
}

func TestAddressOfTheStoreGetsIntoNoError(t *testing.T) {
	t.Parallel()
	_, archive := exported()
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(store.Close)
	for to, want := range map[string]string{
		store.URL + "/blob?signature=hush": store.URL + ", where Usher keeps the file, answered 403 Forbidden",
		"ftp://store.example/?hush":        "it leads to no address",
	} {
		c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", to)
			w.WriteHeader(http.StatusTemporaryRedirect)
		})
		err := c.Download(t.Context(), "7", archive, quick(), io.Discard)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "hush")
		require.NotContains(t, err.Error(), "usher up")
	}
}

func TestDownloadThatBreaksOffGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	content, archive := exported()
	for name, test := range map[string]struct {
		tag string
		// ranges are what is asked for, time after time.
		ranges []string
	}{
		"with a strong tag":  {`"a"`, []string{"", "bytes=100000-", "bytes=200000-", "bytes=300000-"}},
		"with a weak tag":    {`W/"a"`, []string{"", "", "", ""}},
		"without a tag":      {"", []string{"", "", "", ""}},
		"through a redirect": {`"a"`, []string{"", "bytes=100000-", "bytes=200000-", "bytes=300000-"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var ranges []string
			file := func(w http.ResponseWriter, r *http.Request) {
				ranges = append(ranges, r.Header.Get("Range"))
				left := 100_000
				if r.Header.Get("Range") == "" {
					left *= len(ranges)
				}
				give(&torn{w, left}, r, test.tag, content)
			}
			c, server := serve(t, file)
			if name == "through a redirect" {
				c, _ = serve(t, func(w http.ResponseWriter, r *http.Request) {
					http.Redirect(w, r, server.URL, http.StatusTemporaryRedirect)
				})
			}
			var got bytes.Buffer
			require.NoError(t, c.Download(t.Context(), "7", archive, quick(), &got))
			require.True(t, bytes.Equal(content, got.Bytes()))
			require.Equal(t, test.ranges, ranges)
		})
	}
}

func TestDownloadOfWhatHasChangedMeanwhileIsNoSuccess(t *testing.T) {
	t.Parallel()
	content, archive := exported()
	asked := 0
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked == 1 {
			other := bytes.Clone(content)
			other[0]++
			give(&torn{w, 1000}, r, `"other"`, other)
			return
		}
		give(w, r, `"a"`, content)
	})
	var got bytes.Buffer
	err := c.Download(t.Context(), "7", archive, quick(), &got)
	require.ErrorIs(t, err, client.ErrOtherFile)
	require.EqualError(t, err, "what came is not the archive that was exported: its SHA-256 is another one")
	require.Equal(t, len(content), got.Len())
}

func TestDownloadOfAnotherSizeIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	_, archive := exported()
	part := func(which string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Range", which)
			w.WriteHeader(http.StatusPartialContent)
		}
	}
	for _, test := range []struct {
		answer http.HandlerFunc
		want   string
	}{
		{func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "abc") }, "it has 3 bytes and not 300001"},
		{func(w http.ResponseWriter, _ *http.Request) { _, _ = io.CopyN(w, endless{}, 400_000) }, "it is longer"},
		{part(""), "it is not the part that was asked for"},
		{part("bytes 5-300000/300001"), "it is not the part that was asked for"},
		{part("bytes 0-2/3"), "it is not the part that was asked for"},
	} {
		c, _ := serve(t, test.answer)
		err := c.Download(t.Context(), "7", archive, quick(), io.Discard)
		require.EqualError(t, err, "what came is not the archive that was exported: "+test.want)
	}
}

func TestDownloadThatIsRefusedSaysWhy(t *testing.T) {
	t.Parallel()
	_, archive := exported()
	c, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		problem(w, http.StatusGone, "Gone", "The archive is not kept any more; export the event again.", "export_expired")
	})
	err := c.Download(t.Context(), "7", archive, quick(), io.Discard)
	require.EqualError(t, err, "Gone: The archive is not kept any more; export the event again. (export_expired)")

	c, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://usher.example/v1/exports/7", http.StatusMovedPermanently)
	})
	err = c.Download(t.Context(), "7", archive, quick(), io.Discard)
	require.EqualError(t, err, "Usher is not here: "+server.URL+" leads to https://usher.example/v1/exports/7; give the right one by --server")
}

// full takes so many bytes.
type full struct{ left int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	n := min(len(p), f.left)
	f.left -= n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func TestDownloadIntoWhatTakesNoMoreEnds(t *testing.T) {
	t.Parallel()
	content, archive := exported()
	asked := 0
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { asked++; give(w, r, `"a"`, content) })
	require.Equal(t, errFull, c.Download(t.Context(), "7", archive, quick(), &full{left: 50_000}))
	require.Equal(t, 1, asked)
}

func TestDownloadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	content, archive := exported()
	ctx, cancel := context.WithCancel(t.Context())
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(content[:1000])
		_ = http.NewResponseController(w).Flush()
		cancel()
		<-r.Context().Done()
	})
	require.ErrorIs(t, c.Download(ctx, "7", archive, quick(), io.Discard), context.Canceled)
}
