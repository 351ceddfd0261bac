package live

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	// writeLimit is how long one write may take. Who does not read is dropped then, and
	// goes on with the id of the last event that came whole.
	writeLimit = 30 * time.Second
	// lastWrite is how long a write may take once the hub has ended.
	lastWrite = time.Second
	// maxWaiting is how many events wait for a client that reads too slowly before it
	// gets these and no more.
	maxWaiting = 256
)

// stream is the answer to one client. It takes the connection over from net/http,
// whose buffers and whose goroutine's stack are most of what an open request costs:
// a stream that has nothing to write is a goroutine that waits for the client to be gone.
type stream struct {
	// until is when the token of the client counts no more; zero is never.
	until time.Time
	// beat is which of the heartbeats is its own.
	beat int

	mu sync.Mutex
	// connection is nil until the stream has begun.
	connection net.Conn
	waiting    []event
	// seen is the order of the last event that was taken in.
	seen int64
	// writing tells that a goroutine writes what waits; there is none otherwise.
	writing bool
	// over tells that nothing more is taken in: when what waits is written it ends.
	over bool
	// limit is how long one write may take.
	limit time.Duration
}

// begin answers a request with the head of a stream and what it begins with. What was
// offered since the stream is known to the hub comes behind it. When the client is
// gone or the stream has ended, ended is called.
func (s *stream) begin(w http.ResponseWriter, head string, first []event, ended func()) error {
	w.Header().Set("Connection", "close") // the end of the stream is that of the connection
	w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	var text bytes.Buffer
	text.WriteString("HTTP/1.1 200 OK\r\n")
	_ = w.Header().Write(&text)                    // a buffer takes it
	text.WriteString("\r\nretry: 1000\n\n" + head) // who has lost it comes again after a second
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return fmt.Errorf("stream: %w", err)
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	s.connection = connection
	late, over := s.waiting, s.over
	s.waiting, s.over = []event{{text: text.Bytes()}}, false
	for _, e := range append(first, late...) {
		s.take(e)
	}
	s.over = s.over || over
	s.wake()
	go s.hold(ended)
	return nil
}

// hold waits until the client is gone, or the connection was closed here. What a client
// sends beyond its request is not looked at.
func (s *stream) hold(ended func()) {
	rest := make([]byte, 16)
	for {
		if _, err := s.connection.Read(rest); err != nil {
			break
		}
	}
	s.drop()
	ended()
}

// drop ends the stream where it is.
func (s *stream) drop() {
	_ = s.connection.Close() // it may be closed already
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over, s.waiting = true, nil
}

// offer has an event sent, unless the client has it already.
func (s *stream) offer(e event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connection == nil { // what the client has is looked at when the stream begins
		s.queue(e)
		return
	}
	s.take(e)
	s.wake()
}

// take is offer for who holds the lock. The last event may have any order: versions
// start over where the projection was made anew, and the end is to be told all the same.
func (s *stream) take(e event) {
	if s.over || e.order <= s.seen && !e.last {
		return
	}
	if e.order != s.seen {
		s.seen = e.order
		s.queue(e)
	}
	s.over = s.over || e.last
}

func (s *stream) queue(e event) {
	s.waiting = slices.DeleteFunc(s.waiting, func(w event) bool { return w.about == e.about && w.about != "" })
	if len(s.waiting) >= maxWaiting {
		s.over = true
		return
	}
	s.waiting = append(s.waiting, e)
}

// heartbeat says that the stream is there, unless that is to be seen anyway, and ends
// one whose token counts no more.
func (s *stream) heartbeat(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.connection == nil:
		return
	case !s.until.IsZero() && now.After(s.until):
		s.over = true
	case !s.writing && !s.over:
		s.waiting = append(s.waiting, event{text: heartbeatText})
	}
	s.wake()
}

// end has the stream end once all that waits is written.
func (s *stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	s.wake()
}

// hurry is end for a process that is about to end itself, which does not wait for a
// client that does not read.
func (s *stream) hurry() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over, s.limit = true, lastWrite
	if s.connection != nil {
		s.bound() // what is being written as well
		s.wake()
	}
}

// wake has somebody write, if there is anything to do.
func (s *stream) wake() {
	if s.connection != nil && !s.writing && (len(s.waiting) > 0 || s.over) {
		s.writing = true
		go s.write()
	}
}

func (s *stream) write() {
	for e, ok := s.next(); ok; e, ok = s.next() {
		if _, err := s.connection.Write(e.text); err != nil {
			s.drop() // nothing waits now, and nothing is taken in
		}
	}
}

// next returns what is to be written, and lets go of the connection's writer where
// there is nothing; at the end it closes the connection, which ends hold.
func (s *stream) next() (e event, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.waiting) == 0 {
		s.waiting = nil
		if s.over {
			_ = s.connection.Close() // it may be closed already
			return e, false          // and nobody writes any more
		}
		s.writing = false
		return e, false
	}
	e = s.waiting[0]
	s.waiting = s.waiting[1:]
	s.bound()
	return e, true
}

// bound has a write fail that takes longer than it may from now on.
func (s *stream) bound() {
	_ = s.connection.SetWriteDeadline(time.Now().Add(s.limit)) // fails where it is closed
}
