package remote_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/media/internal/remote"
)

func TestFetchGivesTheFileAndWhatTheServerSaysOfIt(t *testing.T) {
	t.Parallel()
	s := local(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", `Image/PNG; name="a"`)
		_, _ = w.Write([]byte("picture"))
	})
	file, content, err := fetched(t.Context(), remote.Config{Permit: only(s)}, s.URL+"/a.png#top")
	require.NoError(t, err)
	require.Equal(t, "picture", content)
	require.Equal(t, "image/png", file.Type)
	require.EqualValues(t, 7, file.Size)
}

func TestOnlyAddressesOfTheWebAreFetched(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "file:///etc/passwd", "gopher://127.0.0.1:6379/_FLUSHALL", "ftp://pictures.example/a.png", "dict://127.0.0.1:11211/stats",
		"unix:///var/run/docker.sock", "http:pictures.example", "http:///a.png", "http://", "https://:443/", "//", "javascript://pictures.example/",
		"http://pictures.example/\r\nHost: intern", "http://pictures.example\r\n/", "http://pictures\x00.example/", `http://pictures.example\@intern/`,
		"http://[::1/", "http://pictures.example:port/", "http://" + strings.Repeat("a", 10_000) + ".example/", "http://a.example/?" + strings.Repeat("a", 10_000),
	} {
		_, _, err := fetched(t.Context(), remote.Config{}, address)
		require.Error(t, err, "%q", address)
		requireRefused(t, err, remote.CodeRefused, "it is no address that begins with http or https")
	}
}

// Nothing of the address goes to somebody else than it names, and nothing of it
// signs in for us.
func TestNoSecretOfAnAddressIsSentOn(t *testing.T) {
	t.Parallel()
	var seen []http.Header
	second := local(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Clone())
		_, _ = w.Write([]byte("picture"))
	})
	first := local(t, func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Clone())
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "abc"})
		w.Header().Set("Location", strings.Replace(second.URL, "http://", "http://root:hunter2@", 1))
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
	address := strings.Replace(first.URL, "http://", "http://olga:hunter2@", 1) + "/a.png?token=hunter2"
	_, content, err := fetched(t.Context(), remote.Config{Permit: only(first, second)}, address)
	require.NoError(t, err)
	require.Equal(t, "picture", content)
	require.Len(t, seen, 2)
	for _, header := range seen {
		require.Empty(t, header.Get("Authorization"))
		require.Empty(t, header.Get("Cookie"))
		require.Empty(t, header.Get("Referer"))
		require.NotContains(t, fmt.Sprint(header), "hunter2")
		require.NotContains(t, fmt.Sprint(header), base64.StdEncoding.EncodeToString([]byte("hunter2")))
	}
}

func TestFewRedirectsAreFollowed(t *testing.T) {
	t.Parallel()
	s := local(t, func(w http.ResponseWriter, r *http.Request) {
		left, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		if left == 0 {
			_, _ = w.Write([]byte("picture"))
			return
		}
		if left > 0 {
			left--
		}
		w.Header().Set("Location", fmt.Sprintf("/%d", left))
		w.WriteHeader(http.StatusMovedPermanently)
	})
	c := remote.Config{Permit: only(s)}
	_, content, err := fetched(t.Context(), c, s.URL+"/5")
	require.NoError(t, err)
	require.Equal(t, "picture", content)
	for _, path := range []string{"/6", "/-1"} { // the second leads to itself
		_, _, err = fetched(t.Context(), c, s.URL+path)
		requireRefused(t, err, remote.CodeFailed, "the server sends from one address to the next")
	}
}

func TestAnswerWithoutAFileIsToldByItsNumber(t *testing.T) {
	t.Parallel()
	s := local(t, func(w http.ResponseWriter, r *http.Request) {
		status, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
		w.WriteHeader(status)
		if status != http.StatusNoContent {
			_, _ = w.Write([]byte("hunter2"))
		}
	})
	for path, reason := range map[string]string{
		"/404": "the server answers 404 Not Found", "/500": "the server answers 500 Internal Server Error",
		"/206": "the server answers 206 Partial Content", "/204": "the server answers 204 No Content",
		"/302": "the server answers 302 Found", "/418": "the server answers 418 I'm a teapot", "/799": "the server answers 799",
	} {
		_, _, err := fetched(t.Context(), remote.Config{Permit: only(s)}, s.URL+path)
		requireRefused(t, err, remote.CodeFailed, reason)
	}
}

func TestFileIsBoundedInSize(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	s := local(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/said" {
			w.Header().Set("Content-Length", strconv.Itoa(limit+1))
			return
		}
		for r.Context().Err() == nil { // without end
			if _, err := w.Write(bytes.Repeat([]byte{'a'}, 32<<10)); err != nil {
				return
			}
		}
	})
	c := remote.Config{Permit: only(s), Limits: remote.Limits{File: limit}}
	for _, path := range []string{"/said", "/endless"} {
		_, content, err := fetched(t.Context(), c, s.URL+path)
		requireRefused(t, err, remote.CodeTooLarge, "it is larger than 1 MiB")
		require.LessOrEqual(t, len(content), limit)
	}
}

// What is packed is not unpacked, whatever the server calls it.
func TestPackedAnswerIsNotUnpacked(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	for range 64 {
		_, err := z.Write(make([]byte, 1<<20))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	wanted := make(chan string, 1)
	s := local(t, func(w http.ResponseWriter, r *http.Request) {
		wanted <- r.Header.Get("Accept-Encoding")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	})
	_, content, err := fetched(t.Context(), remote.Config{Permit: only(s)}, s.URL)
	require.NoError(t, err)
	require.Equal(t, packed.String(), content)
	require.Equal(t, "identity", <-wanted)
}

func TestServerThatDoesNotAnswerOrGoOnIsLeft(t *testing.T) {
	t.Parallel()
	s := local(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/head" {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write([]byte("pic"))
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
	})
	c := remote.Config{Permit: only(s), Limits: remote.Limits{Silence: 100 * time.Millisecond}}
	_, _, err := fetched(t.Context(), c, s.URL+"/head")
	requireRefused(t, err, remote.CodeFailed, "the server does not answer")
	var content string
	for content == "" && c.Limits.Silence < time.Minute { // a busy machine takes longer for what is sent
		_, content, err = fetched(t.Context(), c, s.URL+"/body")
		c.Limits.Silence *= 2
	}
	requireRefused(t, err, remote.CodeFailed, "the server stopped sending")
	require.Equal(t, "pic", content)
}

// A server that sends a little now and then is never silent, and still ends.
func TestServerThatTricklesIsLeft(t *testing.T) {
	t.Parallel()
	s := local(t, func(w http.ResponseWriter, r *http.Request) {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for r.Context().Err() == nil {
			if r.URL.Path == "/early" {
				w.WriteHeader(http.StatusEarlyHints)
			} else {
				_, _ = w.Write([]byte("a"))
				_ = http.NewResponseController(w).Flush()
			}
			<-tick.C
		}
	})
	c := remote.Config{Permit: only(s), Limits: remote.Limits{Whole: 300 * time.Millisecond}}
	_, _, err := fetched(t.Context(), c, s.URL)
	requireRefused(t, err, remote.CodeFailed, "it takes too long")
	_, _, err = fetched(t.Context(), c, s.URL+"/early")
	requireRefused(t, err, remote.CodeFailed, "it takes too long")
}

func TestHeadersWithoutEndAreNotRead(t *testing.T) {
	t.Parallel()
	s := local(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := range 100 {
			w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("a", 10<<10))
		}
		_, _ = w.Write([]byte("picture"))
	})
	_, _, err := fetched(t.Context(), remote.Config{Permit: only(s)}, s.URL)
	requireRefused(t, err, remote.CodeFailed, "the connection broke off")
}

func TestFileThatBreaksOffIsNone(t *testing.T) {
	t.Parallel()
	s := local(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/short":
			w.Header().Set("Content-Length", "1000")
		case "/chunked":
			_ = http.NewResponseController(w).Flush()
		}
		_, _ = w.Write([]byte("pic"))
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	for _, path := range []string{"/short", "/chunked"} {
		_, _, err := fetched(t.Context(), remote.Config{Permit: only(s)}, s.URL+path)
		requireRefused(t, err, remote.CodeFailed, "the connection broke off")
	}
}

func TestServerThatIsNotThereOrNotTrustedIsTold(t *testing.T) {
	t.Parallel()
	gone := local(t, nil)
	gone.Close()
	_, _, err := fetched(t.Context(), remote.Config{Permit: only(gone)}, gone.URL)
	requireRefused(t, err, remote.CodeFailed, "the server cannot be reached")

	selfSigned := &server{Server: httptest.NewTLSServer(http.NotFoundHandler())}
	t.Cleanup(selfSigned.Close)
	_, _, err = fetched(t.Context(), remote.Config{Permit: only(selfSigned)}, selfSigned.URL)
	requireRefused(t, err, remote.CodeFailed, "the server's certificate is not valid")
}

// Whoever ends the import gets their own error back, and no word about the server.
func TestFetchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := local(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/head" {
			cancel()
		} else {
			_, _ = w.Write([]byte("pic"))
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
	})
	f := remote.New(remote.Config{Permit: only(s)})
	file, err := f.Fetch(ctx, s.URL+"/body")
	require.NoError(t, err)
	_, err = f.Fetch(ctx, s.URL+"/head")
	require.ErrorIs(t, err, context.Canceled)
	_, err = io.ReadAll(file)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, file.Close())
	require.Eventually(t, func() bool { return ctx.Err() != nil }, time.Minute, time.Millisecond)
}

// A proxy would make the connections in our place, also those that are forbidden.
func TestProxyOfTheEnvironmentIsNotUsed(t *testing.T) {
	proxy := local(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("by proxy")) })
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "ALL_PROXY"} {
		t.Setenv(name, proxy.URL)
	}
	s := local(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("picture")) })
	c := remote.Config{Permit: only(s, proxy), Resolver: names(t, func(string) []netip.Addr { return []netip.Addr{netip.MustParseAddr("127.0.0.1")} })}
	_, content, err := fetched(t.Context(), c, s.named("pictures.example", "/"))
	require.NoError(t, err)
	require.Equal(t, "picture", content)
	require.Zero(t, proxy.connections.Load())
}

func TestShownAddressHasNoSecrets(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://olga:hunter2@pictures.example:8443/a%2Fb/ada.png?token=hunter2#hunter2": "https://pictures.example:8443/a%2Fb/ada.png",
		"//pictures.example/a b.png":                              "https://pictures.example/a%20b.png",
		"http://pictures.example/\u202egnp.exe":                   "http://pictures.example/%E2%80%AEgnp.exe",
		"http://pictures.example/" + strings.Repeat("a", 1000):    "http://pictures.example/" + strings.Repeat("a", 176) + "…",
		"ftp://olga:hunter2@pictures.example/a.png":               "…",
		"http://olga:hunter2@pictures.example:port/a.png?hunter2": "…",
	} {
		require.Equal(t, want, remote.Shown(address))
	}
}

// Addresses are held until they are fetched, so one must not be as long as a record.
func TestAddressIsHeldInBoundedLength(t *testing.T) {
	t.Parallel()
	long := "https://pictures.example/" + strings.Repeat("a", 1<<20)
	short := remote.Canonical(long)
	require.Less(t, len(short), 10_000)
	_, _, err := fetched(t.Context(), remote.Config{}, short)
	requireRefused(t, err, remote.CodeRefused, "it is no address that begins with http or https")
	require.Equal(t, "https://pictures.example/a.png?v=1", remote.Canonical("https://olga:hunter2@pictures.example/a.png?v=1#top"))
}
