package problem

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
)

// RequestIDHeader names a request in both directions. Whoever gives a request
// its id sets the header of the answer before the handler runs, and Handler
// logs under that id.
const RequestIDHeader = "X-Request-Id"

// HandlerFunc answers a request or returns why it did not. It must not have
// begun an answer when it returns an error.
type HandlerFunc func(w http.ResponseWriter, r *http.Request) error

// Handler answers with what f returns as an error. A *Problem, also a wrapped
// one, is the answer as it is, and is logged where it is the server's fault
// (5xx). Any other error, or a panic, is logged once with the request's id and
// answered as 500 with the code "internal": its text goes to the log, never to
// the client. That a client went away is nobody's failure and is not logged as one.
//
// An error that comes after the answer has begun is logged, and the connection
// is cut so that nobody takes the part for the whole.
func Handler(log *slog.Logger, f HandlerFunc) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w := &writer{ResponseWriter: rw}
		err := call(f, w, r)
		if err == nil {
			return
		}
		answer := answerTo(err)
		switch {
		case r.Context().Err() != nil && errors.Is(err, context.Canceled):
			log.LogAttrs(r.Context(), slog.LevelDebug, "client gone", about(r)...)
		case answer.Status >= http.StatusInternalServerError:
			id := requestID(w)
			answer = answer.With("request_id", id)
			attrs := append(about(r), slog.String("code", answer.Code), slog.String("request_id", id), slog.String("error", err.Error()))
			if p := (*panicked)(nil); errors.As(err, &p) {
				attrs = append(attrs, slog.String("stack", string(p.stack)))
			}
			log.LogAttrs(r.Context(), slog.LevelError, "request failed", attrs...)
		}
		if w.begun {
			panic(http.ErrAbortHandler)
		}
		Write(w, answer)
	})
}

func answerTo(err error) *Problem {
	if p := (*Problem)(nil); errors.As(err, &p) {
		return p
	}
	return New(http.StatusInternalServerError, "internal", "Something went wrong on our side; the log has the details under the request id.")
}

// about is what the log has of a request. A path value that is called code lets
// its bearer in, perhaps still after the failure, so the log goes without it; so it
// does without the query, which may hold a ticket.
func about(r *http.Request) []slog.Attr {
	path := r.URL.Path
	if code := r.PathValue("code"); code != "" {
		path = strings.ReplaceAll(path, code, "…")
	}
	return []slog.Attr{slog.String("method", r.Method), slog.String("path", path)}
}

// requestID returns the id that the request was given, or gives it one.
func requestID(w http.ResponseWriter) string {
	id := w.Header().Get(RequestIDHeader)
	if id == "" {
		id = rand.Text()
		w.Header().Set(RequestIDHeader, id)
	}
	return id
}

// panicked is what a handler panicked with.
type panicked struct {
	value any
	stack []byte
}

func (p *panicked) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func call(f HandlerFunc, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		switch value := recover(); value {
		case nil:
		case http.ErrAbortHandler:
			panic(value)
		default:
			err = &panicked{value: value, stack: debug.Stack()}
		}
	}()
	return f(w, r)
}

// writer notes whether the answer has begun.
type writer struct {
	http.ResponseWriter
	begun bool
}

func (w *writer) WriteHeader(status int) {
	// An informational answer (1xx) is not the answer yet.
	w.begun = w.begun || status >= http.StatusOK || status == http.StatusSwitchingProtocols
	w.ResponseWriter.WriteHeader(status)
}

func (w *writer) Write(p []byte) (int, error) {
	w.begun = true
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach what is below.
func (w *writer) Unwrap() http.ResponseWriter { return w.ResponseWriter }
