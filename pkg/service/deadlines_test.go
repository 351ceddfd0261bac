package service

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// short are deadlines that a test can wait for.
var short = deadlines{read: 50 * time.Millisecond, leftover: 50 * time.Millisecond, write: 50 * time.Millisecond}

// dial sends the beginning of a request and nothing else.
func dial(t *testing.T, server *httptest.Server, request string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	_, err = io.WriteString(conn, request)
	require.NoError(t, err)
	return conn
}

func TestClientThatDoesNotSendWhatItAnnouncedIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(short.keep(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		w.WriteHeader(http.StatusNoContent)
	})))
	t.Cleanup(server.Close)
	for _, method := range []string{"GET", "PATCH"} {
		conn := dial(t, server, method+" / HTTP/1.1\r\nHost: usher.example\r\nContent-Length: 1000\r\n\r\n")
		_, err := io.Copy(io.Discard, conn)
		require.NoError(t, err, "the server ends the connection")
	}
}

func TestClientThatDoesNotReadItsAnswerIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	failed := make(chan error, 1)
	server := httptest.NewServer(short.keep(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chunk := bytes.Repeat([]byte("x"), 1<<20)
		for range 1000 {
			if _, err := w.Write(chunk); err != nil {
				failed <- err
				return
			}
		}
		failed <- nil
	})))
	t.Cleanup(server.Close)
	dial(t, server, "GET / HTTP/1.1\r\nHost: usher.example\r\n\r\n")
	require.Error(t, <-failed)
}

func TestConnectionServesManyRequestsWhateverTheTimeBetweenThem(t *testing.T) {
	t.Parallel()
	// A busy machine is slow to answer, and is not to be cut off for that.
	patient := deadlines{read: 3 * time.Second, leftover: 3 * time.Second, write: 3 * time.Second}
	gone := make(chan struct{}, 10)
	server := httptest.NewServer(patient.keep(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select { // longer than any deadline: only a client that is gone ends it
		case <-r.Context().Done():
			gone <- struct{}{}
		case <-time.After(4 * patient.read / 3):
		}
		w.WriteHeader(http.StatusNoContent)
	})))
	t.Cleanup(server.Close)
	conn := dial(t, server, "")
	answers := bufio.NewReader(conn)
	for range 2 {
		_, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: usher.example\r\nContent-Length: 2\r\n\r\nok")
		require.NoError(t, err)
		response, err := http.ReadResponse(answers, nil)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusNoContent, response.StatusCode)
	}
	require.Empty(t, gone)
}
