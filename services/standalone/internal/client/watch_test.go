package client

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/contracts"
)

// seen notes what a Watch tells.
type seen struct {
	messages []string
	troubles []string
	changed  func(Task)
	trouble  func()
}

func (s *seen) Changed(t Task) {
	s.messages = append(s.messages, t.Message)
	if s.changed != nil {
		s.changed(t)
	}
}

func (s *seen) Trouble(err error) {
	s.troubles = append(s.troubles, err.Error())
	if s.trouble != nil {
		s.trouble()
	}
}

// pipes listens for connections within the process: in a bubble of synctest
// they take no time, and the clock moves only while everybody waits.
type pipes struct {
	connections chan net.Conn
	closed      chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.connections:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes", Net: "pipe"} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	p.connections <- there
	return here, nil
}

// bubble runs body in a bubble of synctest, with a client of a server there.
func bubble(t *testing.T, handler http.HandlerFunc, body func(t *testing.T, c *Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		listener := &pipes{connections: make(chan net.Conn), closed: make(chan struct{})}
		server := &http.Server{Handler: handler}
		go func() { _ = server.Serve(listener) }()
		c, err := New(Config{Server: "http://usher.example"})
		require.NoError(t, err)
		transport := &http.Transport{DialContext: listener.dial}
		c.http.Transport = transport
		body(t, c)
		transport.CloseIdleConnections()
		require.NoError(t, server.Close())
	})
}

func task(state contracts.State, message string) string {
	return fmt.Sprintf(`{"id":"7","state":%q,"message":%q,"attempt":1}`, state, message)
}

func TestWatchPassesOverEarlierAttempts(t *testing.T) {
	t.Parallel()
	looks := 0
	bubble(t, func(w http.ResponseWriter, _ *http.Request) {
		looks++
		document := task(contracts.Failure, "of the first attempt")
		if looks > 2 {
			document = `{"id":"7","state":"SUCCESS","message":"of the second","attempt":2}`
		}
		_, _ = w.Write([]byte(document))
	}, func(t *testing.T, c *Client) {
		s := new(seen)
		last, err := c.Watch(t.Context(), "7", 2, DefaultPace(), s)
		require.NoError(t, err)
		require.Equal(t, contracts.Success, last.State)
		require.Equal(t, []string{"of the second"}, s.messages)
	})
}

func TestWatchLooksOftenWhileSomethingChangesAndRarelyWhileNothingDoes(t *testing.T) {
	t.Parallel()
	var looks []time.Time
	bubble(t, func(w http.ResponseWriter, _ *http.Request) {
		looks = append(looks, time.Now())
		document := task(contracts.Pending, "waiting")
		switch len(looks) {
		case 12:
			w.Header().Set("Retry-After", "9")
			document = task(contracts.Started, "busy")
		case 13:
			document = task(contracts.Started, "working")
		case 14:
			document = task(contracts.Success, "done")
		}
		_, _ = w.Write([]byte(document))
	}, func(t *testing.T, c *Client) {
		s := new(seen)
		last, err := c.Watch(t.Context(), "7", 1, DefaultPace(), s)
		require.NoError(t, err)
		require.Equal(t, contracts.Success, last.State)
		require.Equal(t, []string{"waiting", "busy", "working", "done"}, s.messages)
		require.Empty(t, s.troubles)
	})
	var waits []time.Duration
	for i, at := range looks[1:] {
		waits = append(waits, at.Sub(looks[i]))
	}
	ms := time.Millisecond
	require.Equal(t, []time.Duration{
		200 * ms, 300 * ms, 450 * ms, 675 * ms, 1012*ms + 500*time.Microsecond,
		1518*ms + 750*time.Microsecond, 2 * time.Second, 2 * time.Second, 2 * time.Second, 2 * time.Second,
		2 * time.Second, // unchanged up to here
		9 * time.Second, // the server has asked for it
		200 * ms,
	}, waits)
}

func TestWatchWaitsAsLongAsABusyServerAsksFor(t *testing.T) {
	t.Parallel()
	begun, looks := time.Time{}, 0
	bubble(t, func(w http.ResponseWriter, _ *http.Request) {
		if looks++; looks == 1 {
			begun = time.Now()
			w.Header().Set("Retry-After", "30")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		_, _ = w.Write([]byte(task(contracts.Success, "done")))
	}, func(t *testing.T, c *Client) {
		s := new(seen)
		_, err := c.Watch(t.Context(), "7", 1, DefaultPace(), s)
		require.NoError(t, err)
		require.Equal(t, 30*time.Second, time.Since(begun))
		require.Equal(t, []string{"http://usher.example answered 429 Too Many Requests"}, s.troubles)
	})
}

func TestWatchGivesUpOnAServerThatStaysAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c, err := New(Config{Server: "http://usher.example"})
		require.NoError(t, err)
		c.http.Transport = &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		}}
		begun, s := time.Now(), new(seen)
		_, err = c.Watch(t.Context(), "7", 1, DefaultPace(), s)
		require.EqualError(t, err, "gave up after 2m0s: cannot reach http://usher.example: is usher running? start it with `usher up`")
		require.Len(t, s.troubles, 1, "told once")
		require.Greater(t, time.Since(begun), 2*time.Minute)
		require.Less(t, time.Since(begun), 2*time.Minute+3*time.Second)
	})
}

func TestWatchTellsAServerThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	looks := 0
	bubble(t, func(w http.ResponseWriter, r *http.Request) {
		if looks++; looks == 1 {
			<-r.Context().Done()
			return
		}
		_, _ = w.Write([]byte(task(contracts.Success, "done")))
	}, func(t *testing.T, c *Client) {
		s := new(seen)
		_, err := c.Watch(t.Context(), "7", 1, DefaultPace(), s)
		require.NoError(t, err)
		require.Equal(t, []string{"cannot reach http://usher.example: no answer within 15s"}, s.troubles)
		require.Equal(t, []string{"done"}, s.messages)
	})
}

func TestWatchGoesOnWhenTheServerComesBack(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	serve := func(l net.Listener, document string) *http.Server {
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(document))
		})}
		go func() { _ = server.Serve(l) }()
		t.Cleanup(func() { _ = server.Close() })
		return server
	}
	first := serve(listener, task(contracts.Started, "at work"))
	c, err := New(Config{Server: "http://" + address})
	require.NoError(t, err)
	s := new(seen)
	s.changed = func(Task) {
		if len(s.messages) == 1 {
			require.NoError(t, first.Close())
		}
	}
	s.trouble = func() {
		again, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
		require.NoError(t, err)
		serve(again, task(contracts.Success, "done"))
	}

	last, err := c.Watch(t.Context(), "7", 1, Pace{Shortest: 1, Longest: 1, Patience: time.Hour}, s)

	require.NoError(t, err)
	require.Equal(t, contracts.Success, last.State)
	require.Equal(t, []string{"at work", "done"}, s.messages)
	require.Len(t, s.troubles, 1)
}

func TestWatchTellsTheSameAgainAfterTrouble(t *testing.T) {
	t.Parallel()
	looks := 0
	bubble(t, func(w http.ResponseWriter, _ *http.Request) {
		switch looks++; looks {
		case 2, 3:
			w.WriteHeader(http.StatusBadGateway)
		case 5:
			_, _ = w.Write([]byte(task(contracts.Success, "done")))
		default:
			_, _ = w.Write([]byte(task(contracts.Started, "at work")))
		}
	}, func(t *testing.T, c *Client) {
		s := new(seen)
		_, err := c.Watch(t.Context(), "7", 1, DefaultPace(), s)
		require.NoError(t, err)
		require.Equal(t, []string{"at work", "at work", "done"}, s.messages)
		require.Len(t, s.troubles, 1)
	})
}

func TestWatchEndsAtARefusal(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound} {
		looks := 0
		bubble(t, func(w http.ResponseWriter, _ *http.Request) {
			looks++
			w.WriteHeader(status)
		}, func(t *testing.T, c *Client) {
			_, err := c.Watch(t.Context(), "7", 1, DefaultPace(), new(seen))
			refused := new(RefusedError)
			require.ErrorAs(t, err, &refused)
			require.Equal(t, status, refused.Status)
		})
		require.Equal(t, 1, looks)
	}
}

func TestWatchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	bubble(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(task(contracts.Started, "at work")))
	}, func(t *testing.T, c *Client) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &seen{changed: func(Task) { cancel() }}
		last, err := c.Watch(ctx, "7", 1, DefaultPace(), s)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, contracts.Started, last.State)
	})
}
