package chaos

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/mail"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// catcher is a mail server that remembers the mails it is given, by their Message-ID.
type catcher struct {
	address string
	server  *smtp.Server
	done    chan struct{}

	mu     sync.Mutex
	caught map[string]caught
}

// caught is a mail that came, perhaps more than once.
type caught struct {
	// to is who it went to.
	to    string
	times int
	// last is when it came last.
	last time.Time
}

func startCatcher() (*catcher, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &catcher{address: listener.Addr().String(), done: make(chan struct{}), caught: make(map[string]caught)}
	c.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &dialogue{c: c}, nil }))
	c.server.Domain = "catcher.example"
	go func() {
		defer close(c.done)
		_ = c.server.Serve(listener) // ends with close
	}()
	return c, nil
}

func (c *catcher) close() error {
	err := c.server.Close()
	<-c.done
	return err
}

// mails returns each mail that came, by its Message-ID.
func (c *catcher) mails() map[string]caught {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.caught)
}

// take takes a mail down.
func (c *catcher) take(id, to string, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.caught[id] = caught{to: to, times: c.caught[id].times + 1, last: at}
}

type dialogue struct {
	c  *catcher
	to string
}

func (d *dialogue) Reset()                               { d.to = "" }
func (d *dialogue) Logout() error                        { return nil }
func (d *dialogue) Mail(string, *smtp.MailOptions) error { return nil }

func (d *dialogue) Rcpt(to string, _ *smtp.RcptOptions) error {
	d.to = to
	return nil
}

func (d *dialogue) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	// To the end: half a mail is none.
	if _, err := io.Copy(io.Discard, m.Body); err != nil {
		return err
	}
	d.c.take(m.Header.Get("Message-ID"), d.to, time.Now())
	return nil
}
