package service

import (
	"io"
	"net/http"
	"time"
)

// deadlines keep a client that does not send what it announced, or does not
// read what it asked for, from holding a connection and what hangs on it.
type deadlines struct {
	// read is for the whole body of a request; a handler that expects a long
	// one moves it on by itself. leftover is for what nobody has read of it.
	read, leftover time.Duration
	// write is for each write of an answer, however long all of it takes.
	write time.Duration
}

// usual are the deadlines of a process.
var usual = deadlines{read: time.Minute, leftover: 5 * time.Second, write: time.Minute}

func (d deadlines) keep(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The errors below are those of a connection that is gone, or that has
		// no deadlines.
		connection := http.NewResponseController(w)
		_ = connection.SetWriteDeadline(time.Time{}) // that of the answer before
		if r.ContentLength != 0 {
			_ = connection.SetReadDeadline(time.Now().Add(d.read))
			body := &timedBody{ReadCloser: r.Body, connection: connection}
			r.Body = body
			defer func() {
				if !body.ended {
					_ = connection.SetReadDeadline(time.Now().Add(d.leftover))
				}
			}()
		}
		next.ServeHTTP(&timedWriter{ResponseWriter: w, connection: connection, limit: d.write}, r)
	})
}

// timedBody ends the deadline with the body: what is read then, while the
// handler works, only tells whether the client is still there.
type timedBody struct {
	io.ReadCloser
	connection *http.ResponseController
	ended      bool
}

// Read implements io.Reader.
func (b *timedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == io.EOF && !b.ended {
		b.ended = true
		_ = b.connection.SetReadDeadline(time.Time{})
	}
	return n, err
}

// timedWriter gives each write the whole time.
type timedWriter struct {
	http.ResponseWriter
	connection *http.ResponseController
	limit      time.Duration
}

// WriteHeader implements http.ResponseWriter.
func (w *timedWriter) WriteHeader(status int) {
	_ = w.connection.SetWriteDeadline(time.Now().Add(w.limit))
	w.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (w *timedWriter) Write(p []byte) (int, error) {
	_ = w.connection.SetWriteDeadline(time.Now().Add(w.limit))
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach what is below.
func (w *timedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
