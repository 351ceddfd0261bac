package broker

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/broker/embedded"
)

// gate is a way to a server on which nothing gets through while it is locked. It
// stays where it is when the server starts again elsewhere: the port that a server
// had before may be somebody else's by then.
type gate struct {
	sync.RWMutex
	url string
	to  atomic.Value
}

func newGate(t *testing.T, srv *embedded.Server) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	g := &gate{url: "nats://" + l.Addr().String()}
	g.lead(t, srv)
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", g.to.Load().(string))
			if err != nil { // the server is away
				_ = in.Close()
				continue
			}
			go g.pass(in, out)
			go g.pass(out, in)
		}
	}()
	return g
}

// lead has the next connections come to this server.
func (g *gate) lead(t *testing.T, srv *embedded.Server) {
	t.Helper()
	at, err := url.Parse(srv.URL())
	require.NoError(t, err)
	g.to.Store(at.Host)
}

func (g *gate) pass(to io.WriteCloser, from io.Reader) {
	defer func() { _ = to.Close() }()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		g.RLock()
		_, _ = to.Write(b[:n])
		g.RUnlock()
		if err != nil {
			return
		}
	}
}

func TestPullThatEndsWhileTheBrokerIsSilentSurvivesItsAnswer(t *testing.T) {
	t.Parallel()
	quiet := slog.New(slog.DiscardHandler)
	srv, err := embedded.Start(t.Context(), embedded.Config{Dir: t.TempDir(), Listen: "127.0.0.1:0"}, quiet)
	require.NoError(t, err)
	t.Cleanup(srv.Close)
	g := newGate(t, srv)
	b, err := Connect(t.Context(), Config{URL: g.url, Replicas: 1}, quiet)
	require.NoError(t, err)
	t.Cleanup(b.Close)
	name := topic(t, b, shortAckWait)

	p, err := newPuller(b.nc, name, name)
	require.NoError(t, err)
	ended := make(chan struct{}, 2)
	p.sub.SetClosedHandler(func(subject string) {
		p.end(subject)
		ended <- struct{}{}
	})
	g.Lock()
	until, stop := context.WithCancel(t.Context())
	defer stop()
	before, answer := b.nc.Stats().OutMsgs, make(chan error)
	go func() {
		_, err := p.next(until)
		answer <- err
	}()
	require.Eventually(t, func() bool { return b.nc.Stats().OutMsgs > before }, soon, time.Millisecond, "it has asked")
	stop()
	require.ErrorIs(t, <-answer, errPullEnded)
	<-ended
	g.Unlock()
	<-ended // the drain has got its answer, and this process is still there
}

// A worker may learn of an outage after it was told to pull.
func TestPullThatHasEndedBeforeItBeginsAsksForNothing(t *testing.T) {
	t.Parallel()
	b := connect(t, startServer(t), "")
	name := topic(t, b, ackWait)
	p, err := newPuller(b.nc, name, name)
	require.NoError(t, err)
	p.subject = nats.NewInbox()
	asked, err := b.nc.SubscribeSync(p.subject)
	require.NoError(t, err)

	until, stop := context.WithCancel(t.Context())
	stop()
	_, err = p.next(until)
	require.ErrorIs(t, err, errPullEnded)
	require.NoError(t, b.nc.Flush())
	n, _, err := asked.Pending()
	require.NoError(t, err)
	require.Zero(t, n)
}
