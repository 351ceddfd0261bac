package live

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/usher-events/usher/pkg/problem"
)

const (
	// heartbeat is how often a stream says that it is there, and looks whether it
	// has missed something.
	heartbeat = 15 * time.Second
	// lookTimeout is how long it may look.
	lookTimeout = 5 * time.Second
	// lastWrite is how long a write may take once the hub has ended.
	lastWrite = time.Second
)

// Look reads the newest document of an import from where it is kept. A problem
// says that there is none for who asks.
type Look func(ctx context.Context) (Document, error)

// Stream answers with the documents of an import as server-sent events, with
// their versions as ids, until it has ended, the client is gone, or the hub ends.
// The newest is sent at once, and then what is newer than the last one sent: one
// that comes late or twice is not.
//
// A client that comes again says by Last-Event-ID what it has. It gets nothing
// that is not newer; where there is nothing to come the answer is 204, after which
// a browser does not come again. But an end is sent, whatever its version: versions
// start over where the projection was made anew.
func (h *Hub) Stream(w http.ResponseWriter, r *http.Request, id string, look Look) error {
	// The order leaves no gap: what changes after the look is heard, because
	// listening has begun before it.
	news, leave := h.watch(id)
	defer leave()
	now, err := h.look(r.Context(), look)
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	seen := lastSeen(r)
	if now.Final && now.Version == seen {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // for nginx, which else keeps what is small
	if r.Method == http.MethodHead {
		return nil
	}

	s := stream{w: w, connection: http.NewResponseController(w), seen: seen}
	defer context.AfterFunc(h.ended, s.hurry)()
	beat := time.NewTicker(h.heartbeat)
	defer beat.Stop()
	// From here on errors are those of a client that is gone, and nobody's failure.
	// A browser that has lost a stream is to come again after a second.
	if _, err := io.WriteString(w, "retry: 1000\n\n"); err != nil {
		return nil
	}
	for ended, err := s.show(now); err == nil && !ended; {
		select {
		case <-r.Context().Done():
			return nil
		case <-h.ended.Done():
			return nil
		case d := <-news:
			// An end of an earlier attempt may come late.
			if d.Version <= s.seen {
				continue
			}
			// Or the replay of a failure was accepted before the projector came to
			// the failure, of which a look knows.
			if d.Final {
				var gone bool
				if d, gone = h.again(r.Context(), look); gone {
					return nil
				}
			}
			ended, err = s.show(d)
		case <-beat.C:
			d, gone := h.again(r.Context(), look)
			if gone {
				return nil
			}
			if _, err = io.WriteString(w, ":\n\n"); err == nil {
				ended, err = s.show(d)
			}
		}
	}
	return nil
}

func (h *Hub) look(ctx context.Context, look Look) (Document, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	return look(ctx)
}

// again looks in the middle of a stream, and tells whether there is nothing to see
// any more. The database may be away for a while, which is told by who writes to it:
// then there is nothing new. To end would be worse: a browser that comes again and
// is refused gives up.
func (h *Hub) again(ctx context.Context, look Look) (d Document, gone bool) {
	d, err := h.look(ctx, look)
	if err == nil {
		return d, false
	}
	_, gone = errors.AsType[*problem.Problem](err)
	return Document{}, gone
}

// lastSeen is the version that a client has, 0 where it has none.
func lastSeen(r *http.Request) int64 {
	v, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64)
	if err != nil || v < 0 {
		return 0
	}
	return v
}

// stream is the answer to one watcher.
type stream struct {
	w          http.ResponseWriter
	connection *http.ResponseController
	// seen is the version of the last document that the client has.
	seen int64
}

// show sends what is to be sent of a document, and what was written before, at
// once. It tells whether the document is the end.
func (s *stream) show(d Document) (ended bool, err error) {
	if d.Version > s.seen || d.Final && d.Version != s.seen {
		if _, err := fmt.Fprintf(s.w, "id: %d\ndata: %s\n\n", d.Version, d.Text); err != nil {
			return false, err
		}
		s.seen = d.Version
	}
	return d.Final, s.connection.Flush()
}

// hurry bounds a write that waits for a client which does not read: else it would
// hold up the end of the process for its minute.
func (s *stream) hurry() {
	_ = s.connection.SetWriteDeadline(time.Now().Add(lastWrite)) // fails where there is no connection any more
}
