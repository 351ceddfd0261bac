package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// begins sends the first bytes of a file, and leaves the rest to who called it.
func begins(w http.ResponseWriter, content []byte) {
	w.Header().Set("Etag", `"a"`)
	_, _ = w.Write(content[:1000])
	_ = http.NewResponseController(w).Flush()
}

func TestDownloadOfWhichNothingComesAnyMoreIsBegunAgain(t *testing.T) {
	t.Parallel()
	content := bytes.Repeat([]byte("lanterns"), 40_000)
	sum := sha256.Sum256(content)
	var ranges []string
	bubble(t, func(w http.ResponseWriter, r *http.Request) {
		if ranges = append(ranges, r.Header.Get("Range")); len(ranges) == 1 {
			begins(w, content)
			<-r.Context().Done()
			return
		}
		w.Header().Set("Etag", `"a"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}, func(t *testing.T, c *Client) {
		var got bytes.Buffer
		archive := contracts.Exported{Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
		require.NoError(t, c.Download(t.Context(), "7", archive, DefaultPace(), &got))
		require.True(t, bytes.Equal(content, got.Bytes()))
	})
	require.Equal(t, []string{"", "bytes=1000-"}, ranges)
}

func TestDownloadThatDoesNotComeIsGivenUp(t *testing.T) {
	t.Parallel()
	first := true
	bubble(t, func(w http.ResponseWriter, _ *http.Request) {
		if first {
			first = false
			begins(w, make([]byte, 1000))
		}
		panic(http.ErrAbortHandler)
	}, func(t *testing.T, c *Client) {
		err := c.Download(t.Context(), "7", contracts.Exported{Size: 300_000}, DefaultPace(), io.Discard)
		require.ErrorContains(t, err, "gave up after 2m0s: cannot reach http://usher.example: ")
	})
}

func TestAddressOfAStoreThatIsAwayGetsIntoNoError(t *testing.T) {
	t.Parallel()
	bubble(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://store.example/blob?signature=hush")
		w.WriteHeader(http.StatusTemporaryRedirect)
	}, func(t *testing.T, c *Client) {
		transport, _ := c.http.Transport.(*http.Transport)
		toUsher := transport.DialContext
		transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			if address == "store.example:80" {
				return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
			}
			return toUsher(ctx, network, address)
		}
		err := c.Download(t.Context(), "7", contracts.Exported{Size: 3}, DefaultPace(), io.Discard)
		require.ErrorContains(t, err, "gave up after 2m0s: cannot reach http://store.example, where Usher keeps the file: ")
		require.NotContains(t, err.Error(), "hush")
		require.NotContains(t, err.Error(), "usher up")
	})
}
