package chaos

import (
	"fmt"
	"io"
	"maps"
	"net"
	"net/mail"
	"sync"

	"github.com/emersion/go-smtp"
)

// catcher is a mail server that counts the mails it is given, by their Message-ID.
type catcher struct {
	address string
	server  *smtp.Server
	done    chan struct{}

	mu     sync.Mutex
	caught map[string]int
}

func startCatcher() (*catcher, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &catcher{address: listener.Addr().String(), done: make(chan struct{}), caught: make(map[string]int)}
	c.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return dialogue{c}, nil }))
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

// mails returns how often each mail came, by its Message-ID without brackets.
func (c *catcher) mails() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.caught)
}

type dialogue struct{ c *catcher }

func (dialogue) Reset()                               {}
func (dialogue) Logout() error                        { return nil }
func (dialogue) Mail(string, *smtp.MailOptions) error { return nil }
func (dialogue) Rcpt(string, *smtp.RcptOptions) error { return nil }

func (d dialogue) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	// To the end: half a mail is none.
	if _, err := io.Copy(io.Discard, m.Body); err != nil {
		return err
	}
	id := m.Header.Get("Message-ID")
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	d.c.caught[id]++
	return nil
}
