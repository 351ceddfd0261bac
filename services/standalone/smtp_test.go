package standalone_test

import (
	"bytes"
	"io"
	"net"
	"net/mail"
	"slices"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// catcher is a real SMTP server that keeps the mails it is given.
type catcher struct {
	address string

	mu sync.Mutex
	// answer is what it says to a mail that it has read; nil is yes.
	answer func() error
	mails  [][]byte
}

func newCatcher(t *testing.T) *catcher {
	t.Helper()
	c := &catcher{address: freeAddress()}
	c.serve(t)
	return c
}

// serve starts the server.
func (c *catcher) serve(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", c.address)
	require.NoError(t, err)
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
}

// answers sets what the server says to mails from now on.
func (c *catcher) answers(answer func() error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answer = answer
}

// caught returns the mails that came in whole, those that were refused as well.
func (c *catcher) caught(t *testing.T) []*mail.Message {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]*mail.Message, 0, len(c.mails))
	for _, b := range c.mails {
		m, err := mail.ReadMessage(bytes.NewReader(b))
		require.NoError(t, err)
		all = append(all, m)
	}
	return all
}

// distinctIDs returns the Message-IDs that came in, each once.
func (c *catcher) distinctIDs(t *testing.T) []string {
	t.Helper()
	var ids []string
	for _, m := range c.caught(t) {
		ids = append(ids, m.Header.Get("Message-ID"))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

type session struct{ c *catcher }

func (session) Reset()                               {}
func (session) Logout() error                        { return nil }
func (session) Mail(string, *smtp.MailOptions) error { return nil }
func (session) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (s session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.c.mu.Lock()
	s.c.mails = append(s.c.mails, b)
	answer := s.c.answer
	s.c.mu.Unlock()
	if answer == nil {
		return nil
	}
	return answer()
}

// mailState is what the API says of a mail.
type mailState struct {
	State     string
	Tries     int
	LastError string `json:"last_error"`
	Text      string
	HTML      string `json:"html"`
}

// awaitMail waits until there is one mail, and it is as it should be.
func (a api) awaitMail(t *testing.T, condition func(mailState) bool) mailState {
	t.Helper()
	var mails struct{ Data []mailState }
	require.Eventually(t, func() bool {
		a.get(t, "/v1/mails", &mails)
		return len(mails.Data) == 1 && condition(mails.Data[0])
	}, patience, glance)
	return mails.Data[0]
}

func (a api) awaitMailSent(t *testing.T) mailState {
	t.Helper()
	return a.awaitMail(t, func(m mailState) bool { return m.State == "sent" })
}
