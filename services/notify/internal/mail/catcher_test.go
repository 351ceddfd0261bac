package mail_test

import (
	"bytes"
	"io"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
)

// catcher is a real SMTP server that keeps what it is given. What it does
// otherwise is set before it is first reached.
type catcher struct {
	address string
	// refusals are the answers to the first recipients.
	refusals []error
	// received is called with each mail before it is kept and answered.
	received func(*mail.Message) error
	// hangsUp cuts the connection right after it has taken a mail.
	hangsUp bool
	// tires hangs up when it is asked, before a second mail, whether it is still there.
	tires bool
	// away hangs up at once, as what stands before a server that is not there. Its port
	// stays its own meanwhile.
	away bool
	// most is how many connections it takes at once; 0 is any number.
	most int
	// signIn answers whoever signs in; nil offers no way to.
	signIn func(response []byte) error

	mu    sync.Mutex
	mails []*mail.Message
	// open is how many connections there are, in all and at most at once how many
	// there have been.
	open, all, highest int
}

func newCatcher(t *testing.T, refusals ...error) *catcher {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c := &catcher{address: listener.Addr().String(), refusals: refusals}
	server := smtp.NewServer(smtp.BackendFunc(c.greet))
	server.Domain = "catcher.example"
	server.AllowInsecureAuth = true // what signs in by a challenge shows no secret
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(tiring{listener, c}) // ends with Close below
	}()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		<-done
	})
	return c
}

// tiring are connections of which a server may tire, or that it does not take.
type tiring struct {
	net.Listener
	c *catcher
}

func (l tiring) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	l.c.mu.Lock()
	defer l.c.mu.Unlock()
	switch {
	case err != nil:
	case l.c.away:
		_ = conn.Close()
	case l.c.tires:
		conn = &tired{Conn: conn}
	}
	return conn, err
}

type tired struct {
	net.Conn
	asked int
}

func (c *tired) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if bytes.HasPrefix(b[:n], []byte("NOOP")) {
		if c.asked++; c.asked > 2 { // before the first mail, behind it, and now before the second
			_ = c.Close()
			return 0, io.EOF
		}
	}
	return n, err
}

// change changes what the server is like.
func (c *catcher) change(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change()
}

// greet takes a connection, or says that there are too many.
func (c *catcher) greet(conn *smtp.Conn) (smtp.Session, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.most > 0 && c.open >= c.most {
		return nil, &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 7, 0}, Message: "too many connections"}
	}
	c.open++
	c.all++
	c.highest = max(c.highest, c.open)
	return &session{c: c, conn: conn}, nil
}

// connections is how many there have been in all.
func (c *catcher) connections() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.all
}

// mostAtOnce is how many there have been at once.
func (c *catcher) mostAtOnce() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.highest
}

func (c *catcher) caught() []*mail.Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.mails
}

type session struct {
	c     *catcher
	conn  *smtp.Conn
	taken bool
}

func (s *session) Reset() {
	if s.taken && s.c.hangsUp {
		_ = s.conn.Conn().Close()
	}
}

func (s *session) Logout() error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.c.open--
	return nil
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(string, *smtp.RcptOptions) error {
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	if len(s.c.refusals) == 0 {
		return nil
	}
	err := s.c.refusals[0]
	s.c.refusals = s.c.refusals[1:]
	return err
}

func (s *session) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	m.Body = strings.NewReader(string(body))
	if s.c.received != nil {
		if err := s.c.received(m); err != nil {
			return err
		}
	}
	s.c.mu.Lock()
	defer s.c.mu.Unlock()
	s.c.mails = append(s.c.mails, m)
	s.taken = true
	return nil
}

func (s *session) AuthMechanisms() []string {
	if s.c.signIn == nil {
		return nil
	}
	return []string{"CRAM-MD5"} // what a client uses on a connection that is not encrypted
}

func (s *session) Auth(string) (sasl.Server, error) { return &cram{s: s}, nil }

// cram challenges whoever signs in, and takes what the catcher takes.
type cram struct {
	s          *session
	challenged bool
}

func (c *cram) Next(response []byte) (challenge []byte, done bool, err error) {
	if !c.challenged {
		c.challenged = true
		return []byte("<1.2@catcher.example>"), false, nil
	}
	return nil, true, c.s.c.signIn(response)
}
