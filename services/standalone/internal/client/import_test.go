package client_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

const acceptance = `{"id":"7","kind":"event-archive","task_url":"/v1/tasks/7","size":3,"sha256":"ab"}`

// endless yields zeros without holding any.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// filePart reads a request up to the content of its one part.
func filePart(r *http.Request) (*multipart.Part, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, err
	}
	return form.NextPart()
}

func TestImportSendsTheArchiveByteByByteWithItsLength(t *testing.T) {
	t.Parallel()
	content := make([]byte, 5_000_001)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(content)
	var got []byte
	var request *http.Request
	var name string
	c, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		request = r
		whole, err := io.ReadAll(r.Body)
		if err != nil || int64(len(whole)) != r.ContentLength {
			problem(w, http.StatusBadRequest, "Bad", "length", "length")
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(whole))
		part, err := filePart(r)
		if err != nil || part.FormName() != "file" {
			problem(w, http.StatusBadRequest, "Bad", "part", "part")
			return
		}
		name = part.FileName()
		got, _ = io.ReadAll(part)
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte(acceptance))
	})

	accepted, err := c.Import(t.Context(), client.Archive{
		Name: `Fair "2026" überall.zip`, Size: int64(len(content)), Content: bytes.NewReader(content),
	})

	require.NoError(t, err)
	require.Equal(t, client.Accepted{
		ID: "7", Kind: contracts.EventArchive, TaskURL: server.URL + "/v1/tasks/7", Size: 3, SHA256: "ab",
	}, accepted)
	require.True(t, bytes.Equal(content, got), "the content arrives as it was")
	require.Equal(t, `Fair "2026" überall.zip`, name)
	require.Equal(t, "/v1/events/import/json", request.URL.Path)
	require.Equal(t, "Bearer "+token, request.Header.Get("Authorization"))
	require.Empty(t, request.TransferEncoding)
}

func TestImportNeedsNoMoreMemoryForALargerArchive(t *testing.T) {
	// Not parallel: it measures the whole process.
	const size = 128 << 20
	var received int64
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		part, err := filePart(r)
		if err == nil {
			received, err = io.Copy(io.Discard, part)
		}
		if err != nil {
			problem(w, http.StatusBadRequest, "Bad", "body", "body")
			return
		}
		w.WriteHeader(http.StatusAccepted)
		_, _ = w.Write([]byte(acceptance))
	})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)

	_, err := c.Import(t.Context(), client.Archive{Name: "large.zip", Size: size, Content: endless{}})

	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.EqualValues(t, size, received)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20), "allocated in all, both ends together")
}

func TestImportIsRefusedByItsLength(t *testing.T) {
	t.Parallel()
	var announced int64
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		announced = r.ContentLength
		problem(w, http.StatusRequestEntityTooLarge, "Too large", "At most 1 GiB.", "too_large")
	})
	_, err := c.Import(t.Context(), client.Archive{Name: "huge.zip", Size: 1 << 40, Content: endless{}})
	require.EqualError(t, err, "Too large: At most 1 GiB. (too_large)")
	require.Greater(t, announced, int64(1<<40), "the length is known before the body")
}

func TestImportTellsARefusalThatComesInTheMiddle(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadFull(r.Body, make([]byte, 1000))
		problem(w, http.StatusUnsupportedMediaType, "Not a zip", "This is no zip file.", "not_a_zip")
	})
	_, err := c.Import(t.Context(), client.Archive{Name: "a.zip", Size: 1 << 40, Content: endless{}})
	require.EqualError(t, err, "Not a zip: This is no zip file. (not_a_zip)")
}

// cut ends a connection without an answer.
func cut(w http.ResponseWriter) {
	if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = connection.Close()
	}
}

func TestImportThatBreaksOffSaysWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	c, server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadFull(r.Body, make([]byte, 1000))
		cut(w)
	})
	_, err := c.Import(t.Context(), client.Archive{Name: "a.zip", Size: 1 << 40, Content: endless{}})
	broken := new(client.BrokenUploadError)
	require.ErrorAs(t, err, &broken)
	require.Positive(t, broken.Sent)
	require.EqualValues(t, 1<<40, broken.Size)
	require.ErrorContains(t, err, "the upload to "+server.URL+" broke off after ")
	require.ErrorContains(t, err, "nothing was imported")

	c, server = serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		cut(w)
	})
	_, err = c.Import(t.Context(), client.Archive{Name: "a.zip", Size: 3, Content: strings.NewReader("abc")})
	require.ErrorContains(t, err, server.URL+" did not answer to the upload, `usher list` shows whether it was accepted")
}

func TestImportIntoNothingSaysSo(t *testing.T) {
	t.Parallel()
	url := nowhere(t)
	_, err := clientOf(t, url).Import(t.Context(), client.Archive{Name: "a.zip", Size: 3, Content: strings.NewReader("abc")})
	require.EqualError(t, err, "cannot reach "+url+": is usher running? start it with `usher up`")
}

func TestImportNoticesThatTheArchiveShrinks(t *testing.T) {
	t.Parallel()
	c, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	_, err := c.Import(t.Context(), client.Archive{Name: "a.zip", Size: 4, Content: strings.NewReader("abc")})
	require.ErrorIs(t, err, client.ErrChanged)
}

func TestImportEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadFull(r.Body, make([]byte, 1000))
		cancel()
		_, _ = io.Copy(io.Discard, r.Body)
	})
	_, err := c.Import(ctx, client.Archive{Name: "a.zip", Size: 1 << 40, Content: endless{}})
	require.ErrorIs(t, err, context.Canceled)
	broken := new(client.BrokenUploadError)
	require.ErrorAs(t, err, &broken)
	require.Less(t, broken.Sent, broken.Size)
}
