package problem_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/problem"
)

// serve answers one request over a real connection with what f returns, and
// gives the answer, its body (and whether it was cut) and what was logged.
func serve(t *testing.T, f problem.HandlerFunc) (*http.Response, string, string) {
	t.Helper()
	var logged bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&logged, nil))
	done := make(chan struct{})
	inner := problem.Handler(log, f)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		inner.ServeHTTP(w, r)
	}))
	defer server.Close()
	response, err := server.Client().Get(server.URL + "/v1/things")
	<-done
	require.NoError(t, err)
	body, err := io.ReadAll(response.Body)
	if err != nil {
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		body = append(body, "<cut>"...)
	}
	require.NoError(t, response.Body.Close())
	return response, string(body), logged.String()
}

func document(t *testing.T, body string) map[string]any {
	t.Helper()
	var members map[string]any
	require.NoError(t, json.Unmarshal([]byte(body), &members), body)
	return members
}

func TestHandlerAnswersAProblemAsItIs(t *testing.T) {
	t.Parallel()
	response, body, logged := serve(t, func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Retry-After", "5")
		w.Header().Set("Content-Length", "100000")
		w.Header().Set("Cache-Control", "public")
		return fmt.Errorf("wrapped: %w", problem.New(http.StatusNotFound, "unknown_thing", "There is no such thing.").
			With("known", []string{"one", "two"}).With("status", 200))
	})

	require.Equal(t, http.StatusNotFound, response.StatusCode)
	require.Equal(t, problem.ContentType, response.Header.Get("Content-Type"))
	require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
	require.Equal(t, "5", response.Header.Get("Retry-After"))
	require.Equal(t, map[string]any{
		"type": "about:blank", "title": "Not Found", "status": 404.0, "code": "unknown_thing",
		"detail": "There is no such thing.", "known": []any{"one", "two"},
	}, document(t, body))
	require.Empty(t, logged, "a client's mistake is no failure of ours")
}

func TestHandlerHidesAnyOtherErrorAndLogsItOnce(t *testing.T) {
	t.Parallel()
	response, body, logged := serve(t, func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set(problem.RequestIDHeader, "the-request")
		return errors.New("password of the database")
	})

	require.Equal(t, http.StatusInternalServerError, response.StatusCode)
	require.Equal(t, "internal", document(t, body)["code"])
	require.Equal(t, "the-request", document(t, body)["request_id"])
	require.NotContains(t, body, "password")
	require.Equal(t, 1, strings.Count(logged, "\n"))
	require.Contains(t, logged, "password of the database")
	require.Contains(t, logged, `"request_id":"the-request"`)
}

// A code that failed for our own fault is still good.
func TestHandlerLogsNoCodeOfAPath(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	mux := http.NewServeMux()
	mux.Handle("GET /signin/{code}", problem.Handler(slog.New(slog.NewJSONHandler(&logged, nil)), func(http.ResponseWriter, *http.Request) error {
		return errors.New("the database is away")
	}))
	mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/signin/s3cr%65t.code", nil))
	require.Contains(t, logged.String(), "the database is away")
	require.Contains(t, logged.String(), `"path":"/signin/…"`)
	require.NotContains(t, logged.String(), "s3cret")
}

func TestHandlerGivesARequestAnIDWhereItHasNone(t *testing.T) {
	t.Parallel()
	response, body, logged := serve(t, func(http.ResponseWriter, *http.Request) error { return errors.New("x") })
	id := response.Header.Get(problem.RequestIDHeader)
	require.NotEmpty(t, id)
	require.Equal(t, id, document(t, body)["request_id"])
	require.Contains(t, logged, id)
}

func TestHandlerLogsTheCauseOfAProblemThatIsTheServersFault(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection refused")
	response, body, logged := serve(t, func(http.ResponseWriter, *http.Request) error {
		return problem.New(http.StatusServiceUnavailable, "broker_unavailable", "Try again.").Because(cause)
	})
	require.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
	require.NotContains(t, body, "refused")
	require.Contains(t, logged, "connection refused")
	require.Contains(t, logged, `"code":"broker_unavailable"`)
}

func TestHandlerAnswersAfterAPanicAndLogsTheStack(t *testing.T) {
	t.Parallel()
	response, body, logged := serve(t, func(http.ResponseWriter, *http.Request) error { panic("a secret bug") })
	require.Equal(t, http.StatusInternalServerError, response.StatusCode)
	require.Equal(t, "internal", document(t, body)["code"])
	require.NotContains(t, body, "secret")
	require.Contains(t, logged, "a secret bug")
	require.Contains(t, logged, "problem_test.go")
}

func TestHandlerCutsAnAnswerThatHadBegun(t *testing.T) {
	t.Parallel()
	response, body, logged := serve(t, func(w http.ResponseWriter, _ *http.Request) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, http.NewResponseController(w).Flush(), errors.New("disk gone"))
	})
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, "half<cut>", body)
	require.Contains(t, logged, "disk gone")
}

func TestHandlerDoesNotLogAClientThatWentAway(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	began, done := make(chan struct{}), make(chan struct{})
	inner := problem.Handler(slog.New(slog.NewTextHandler(&logged, nil)), func(_ http.ResponseWriter, r *http.Request) error {
		close(began)
		<-r.Context().Done()
		return fmt.Errorf("query: %w", r.Context().Err())
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		inner.ServeHTTP(w, r)
	}))
	defer server.Close()

	ctx, leave := context.WithCancel(t.Context())
	go func() { <-began; leave() }()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	require.NoError(t, err)
	_, err = server.Client().Do(request)
	require.ErrorIs(t, err, context.Canceled)
	<-done
	require.Empty(t, logged.String())
}

func TestHandlerLogsACancellationThatIsNotTheClients(t *testing.T) {
	t.Parallel()
	response, _, logged := serve(t, func(http.ResponseWriter, *http.Request) error { return context.Canceled })
	require.Equal(t, http.StatusInternalServerError, response.StatusCode)
	require.Contains(t, logged, "context canceled")
}

func TestHandlerLeavesAGoodAnswerAlone(t *testing.T) {
	t.Parallel()
	response, body, logged := serve(t, func(w http.ResponseWriter, _ *http.Request) error {
		w.WriteHeader(http.StatusAccepted)
		_, err := io.WriteString(w, "fine")
		return err
	})
	require.Equal(t, http.StatusAccepted, response.StatusCode)
	require.Equal(t, "fine", body)
	require.Empty(t, logged)
}

func TestWriteDropsMembersThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	recorder := httptest.NewRecorder()
	problem.Write(recorder, problem.New(http.StatusConflict, "conflict", "no").With("odd", make(chan int)))
	require.Equal(t, http.StatusConflict, recorder.Code)
	require.Equal(t, "conflict", document(t, recorder.Body.String())["code"])
}
