package standalone_test

import (
	"io"
	"net"
	"net/mail"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// catcher is a real SMTP server that keeps the ids of the mails it is given.
type catcher struct {
	address string
	mu      sync.Mutex
	ids     []string
}

func newCatcher(t *testing.T) *catcher {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c := &catcher{address: listener.Addr().String()}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return session{c}, nil }))
	server.Domain = "catcher.example"
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // ends with Close below
	}()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		<-done
	})
	return c
}

// distinctIDs returns the Message-IDs that came in, each once.
func (c *catcher) distinctIDs() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := slices.Sorted(slices.Values(c.ids))
	return slices.Compact(ids)
}

type session struct{ c *catcher }

func (session) Reset()                               {}
func (session) Logout() error                        { return nil }
func (session) Mail(string, *smtp.MailOptions) error { return nil }
func (session) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (s session) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.c.ids = append(s.c.ids, m.Header.Get("Message-ID"))
	return nil
}

// awaitMailSent waits until there is one mail, and it is sent.
func (a api) awaitMailSent(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool {
		var mails struct{ Data []struct{ State string } }
		a.get(t, "/v1/mails", &mails)
		return len(mails.Data) == 1 && mails.Data[0].State == "sent"
	}, patience, 20*time.Millisecond)
}
