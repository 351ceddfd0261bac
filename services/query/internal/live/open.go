package live

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/problem"
)

const (
	// lookTimeout is how long a look at what is kept may take.
	lookTimeout = 5 * time.Second
	// openTimeout is the same for who opens a stream, when many others do so as well: a
	// browser that is refused does not come again.
	openTimeout = 30 * time.Second
)

// One answers with the documents of an import as server-sent events, with their
// versions as ids, until it has ended, the client is gone, its token counts no more
// (until), or the hub ends. The newest one, which look reads for who asks, is sent at
// once, and then what is newer than the last one sent: one that comes late or twice is not.
//
// A client that comes again says by Last-Event-ID what it has. It gets nothing
// that is not newer; where there is nothing to come the answer is 204, after which
// a browser does not come again. But an end is sent, whatever its version: versions
// start over where the projection was made anew.
func (h *Hub) One(w http.ResponseWriter, r *http.Request, id string, until time.Time, look func(context.Context) (contracts.Task, error)) error {
	s := &stream{until: until, seen: lastVersion(r)}
	return h.open(w, r, Topic{Import: id}, s, func(ctx context.Context, _ Position) (string, []event, error) {
		task, err := look(ctx)
		if err != nil {
			return "", nil, err
		}
		first, err := ofTask(task)
		if first.last && first.order == s.seen {
			return "", nil, errNothingToCome
		}
		return "", []event{first}, err
	})
}

// lastVersion is the version that a client has, 0 where it has none.
func lastVersion(r *http.Request) int64 {
	v, err := strconv.ParseInt(r.Header.Get("Last-Event-ID"), 10, 64)
	if err != nil || v < 0 {
		return 0
	}
	return v
}

// maxFirst is how many documents a stream of many imports begins with at most.
const maxFirst = 200

// All answers with the documents of all imports of a topic as server-sent events, with
// their positions in the order of all changes as ids, until the client is gone, its token
// counts no more (until), or the hub ends. newest reads the changes of that topic behind
// a number, the newest first.
//
// A client that comes again says by Last-Event-ID how far it has come, and is sent what
// has changed since. Where that is too much, where nobody knows any more, and for who
// comes for the first time, an event "reset" comes first and then the newest documents.
func (h *Hub) All(w http.ResponseWriter, r *http.Request, topic Topic, until time.Time,
	newest func(ctx context.Context, number int64, limit int) ([]Change, error),
) error {
	s := &stream{until: until}
	return h.open(w, r, topic, s, func(ctx context.Context, at Position) (string, []event, error) {
		has, known := readPosition(r.Header.Get("Last-Event-ID"))
		if known = known && has.Epoch == at.Epoch && has.Number <= at.Number; !known {
			has = Position{Epoch: at.Epoch}
		}
		changes, err := newest(ctx, has.Number, maxFirst+1)
		if err != nil {
			return "", nil, err
		}
		if len(changes) > maxFirst {
			changes, known = changes[:maxFirst], false
			has.Number = changes[maxFirst-1].Number - 1
		}
		first := make([]event, len(changes))
		for n, c := range slices.Backward(changes) {
			if first[len(changes)-1-n], err = ofChange(c, at.Epoch); err != nil {
				return "", nil, err
			}
		}
		s.seen = has.Number
		if known {
			return "", first, nil
		}
		return resetText(has), first, nil
	})
}

// open answers with a stream of a topic. prepare says what it begins with; at is the
// position of a change that it finds, or of a later one.
//
// The order leaves no gap: what changes while prepare looks is offered to the stream,
// because the hub knows of it before.
func (h *Hub) open(w http.ResponseWriter, r *http.Request, topic Topic, s *stream,
	prepare func(ctx context.Context, at Position) (head string, first []event, err error),
) error {
	ctx, cancel := context.WithTimeout(r.Context(), openTimeout)
	defer cancel()
	at, err := h.source.Position(ctx)
	if err != nil {
		return busy(w, r, err)
	}
	leave := h.enter(topic, s, at)
	head, first, err := prepare(ctx, at)
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		leave()
		if errors.Is(err, errNothingToCome) {
			w.WriteHeader(http.StatusNoContent)
			return nil
		}
		return busy(w, r, err)
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // for nginx, which else keeps what is small
	if r.Method == http.MethodHead {
		leave()
		return nil
	}
	if err := s.begin(w, head, first, leave); err != nil {
		leave()
		return err
	}
	return nil
}

// busy is an error, or a problem that says so where all took too long.
func busy(w http.ResponseWriter, r *http.Request, err error) error {
	if !errors.Is(err, context.DeadlineExceeded) || r.Context().Err() != nil {
		return err
	}
	w.Header().Set("Retry-After", "5")
	return problem.New(http.StatusServiceUnavailable, "unavailable", "Too much is going on right now; try again later.").Because(err)
}
