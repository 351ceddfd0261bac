package upload

import (
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/usher-events/usher/pkg/begin"
)

// beside is how many bytes a request may have beside the file: the other parts
// with their heads.
const beside = maxParts * (maxOther + 16<<10)

// body is the body of an upload: bounded, and only as long as enough comes.
type body struct {
	io.Reader
	connection *http.ResponseController
	idle       time.Duration
	// left is how long the client may be waited for until due bytes were read.
	left      time.Duration
	due       int64
	max       int64
	announced int64
	// taken are the bytes that were read.
	taken int64
	// ended tells that nothing more comes.
	ended bool
}

func (u *Receiver) limited(w http.ResponseWriter, r *http.Request) *body {
	return &body{
		Reader:     http.MaxBytesReader(w, r.Body, u.maxBytes+beside),
		connection: http.NewResponseController(w),
		idle:       u.idle,
		left:       u.idle,
		due:        slowest,
		max:        u.maxBytes,
		announced:  r.ContentLength,
	}
}

// tooLarge tells, before a byte is read, that the upload cannot fit.
func (b *body) tooLarge() bool { return b.announced > b.max+beside }

// Read implements io.Reader. Only what comes renews the time that it is waited for, so
// that a slow client may take its time, and one that is silent or trickles does not
// hold a connection for ever. The time that storing takes is not the client's.
func (b *body) Read(p []byte) (int, error) {
	began := time.Now()
	err := b.connection.SetReadDeadline(began.Add(b.left))
	if err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	n, err := b.take(p)
	b.left -= time.Since(began)
	if b.taken >= b.due {
		b.left, b.due = b.idle, b.taken+slowest
	}
	return n, err
}

func (b *body) take(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.taken += int64(n)
	if err == io.EOF { // a body that is cut off may end so, too
		b.ended = b.announced < 0 || b.taken == b.announced
	}
	return n, err
}

// rest is how long what comes after the file is waited for. All that is worth
// anything is there by then.
const rest = time.Second

// done reads what comes after the file, and tells whether the body has ended. Only
// then can the connection serve another request: net/http, which does not read the
// rest of a body beside an answer, would read the next request out of it. It gives
// what may come yet time until the answer is out: the broker has to be waited for
// meanwhile.
func (b *body) done() bool {
	if !b.ended {
		_ = b.connection.SetReadDeadline(time.Now().Add(rest)) // a connection that is gone needs none
		for skipped, err := make([]byte, 4<<10), error(nil); err == nil; {
			_, err = b.take(skipped)
		}
	}
	_ = b.connection.SetReadDeadline(time.Now().Add(begin.Patience + b.idle))
	return b.ended
}

// atMost yields what r does, and errTooLarge when there is more than left.
type atMost struct {
	r    io.Reader
	left int64
}

func (a *atMost) Read(p []byte) (int, error) {
	n, err := a.r.Read(p)
	if a.left -= int64(n); a.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}
