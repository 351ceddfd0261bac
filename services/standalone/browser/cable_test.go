//go:build browser

package browser_test

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// cable leads to usher, and can be cut.
type cable struct {
	listener net.Listener

	// dam is locked while nothing flows.
	dam sync.RWMutex

	mu   sync.Mutex
	to   string
	cut  bool
	ends map[net.Conn]struct{}
}

// lay lays a cable to usher, and makes its addresses those of the cable.
func (u *usher) lay(t *testing.T) *cable {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c := &cable{listener: listener, ends: make(map[net.Conn]struct{})}
	c.leadTo(u)
	t.Cleanup(func() {
		_ = listener.Close()
		c.sever()
	})
	go c.serve()
	here := "http://" + listener.Addr().String()
	u.link = strings.Replace(u.link, u.url, here, 1)
	u.url = here
	return c
}

// leadTo has the cable lead to an usher, from the next connection on.
func (c *cable) leadTo(u *usher) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.to = strings.TrimPrefix(u.url, "http://")
}

// end is where the cable leads to.
func (c *cable) end() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.to
}

func (c *cable) serve() {
	for {
		near, err := c.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", c.end())
		if err != nil || !c.hold(near, far) {
			_ = near.Close()
			continue
		}
		for from, to := range map[net.Conn]net.Conn{near: far, far: near} {
			go func() {
				_, _ = io.Copy(to, flow{from, c})
				_ = to.Close()
			}()
		}
	}
}

// flow is what comes through, as long as it is not dammed up.
type flow struct {
	net.Conn
	c *cable
}

func (f flow) Read(p []byte) (int, error) {
	f.c.dam.RLock()
	f.c.dam.RUnlock() //nolint:staticcheck // it is only waited for
	return f.Conn.Read(p)
}

// hold keeps the ends of a connection, unless the cable is cut.
func (c *cable) hold(ends ...net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, end := range ends {
		if c.cut {
			_ = end.Close()
			continue
		}
		c.ends[end] = struct{}{}
	}
	return !c.cut
}

// sever cuts the cable: what goes through it ends, and nothing comes through.
func (c *cable) sever() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = true
	for end := range c.ends {
		_ = end.Close()
	}
	clear(c.ends)
}

// mend lets connections through again.
func (c *cable) mend() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = false
}
