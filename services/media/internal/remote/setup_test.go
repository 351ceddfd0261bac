package remote_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/usher-events/usher/services/media/internal/remote"
)

// server is one of the web, as far as a test permits it. It counts who comes.
type server struct {
	*httptest.Server
	connections atomic.Int64
}

// serve answers at an address of this machine, such as 127.0.0.1:0.
func serve(t *testing.T, at string, answer http.HandlerFunc) *server {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", at)
	require.NoError(t, err)
	s := &server{Server: httptest.NewUnstartedServer(answer)}
	require.NoError(t, s.Listener.Close())
	s.Listener = listener
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.connections.Add(1)
		}
	}
	s.Start()
	t.Cleanup(func() {
		s.CloseClientConnections() // of those who never end
		s.Close()
	})
	return s
}

func local(t *testing.T, answer http.HandlerFunc) *server {
	t.Helper()
	return serve(t, "127.0.0.1:0", answer)
}

// place is where the server listens.
func (s *server) place() netip.AddrPort { return netip.MustParseAddrPort(s.Listener.Addr().String()) }

// named is the server's address under another name.
func (s *server) named(host, path string) string {
	return (&url.URL{Scheme: "http", Host: net.JoinHostPort(host, s.port()), Path: path}).String()
}

func (s *server) port() string {
	_, port, _ := net.SplitHostPort(s.Listener.Addr().String())
	return port
}

// only permits some servers, which stand for the public web.
func only(servers ...*server) remote.Permit {
	var ports []string
	for _, s := range servers {
		ports = append(ports, s.port())
	}
	return remote.Permit{Ports: ports, Server: func(to netip.AddrPort) error {
		for _, s := range servers {
			if s.place() == to {
				return nil
			}
		}
		return remote.Public(to)
	}}
}

// publicAtAnyPort is Public for a server that cannot have one of the usual ports.
func publicAtAnyPort(to netip.AddrPort) error {
	return remote.Public(netip.AddrPortFrom(to.Addr(), 80))
}

// names is a real name server that says of every name what a test wants: the addresses of
// IPv4 and IPv6, none for a name that does not exist.
func names(t *testing.T, lookup func(name string) []netip.Addr) *net.Resolver {
	t.Helper()
	socket, err := (&net.ListenConfig{}).ListenPacket(t.Context(), "udp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 512)
		for {
			n, from, err := socket.ReadFrom(buffer)
			if err != nil {
				return
			}
			if answer, err := answerTo(buffer[:n], lookup); err == nil {
				_, _ = socket.WriteTo(answer, from)
			}
		}
	}()
	t.Cleanup(func() {
		_ = socket.Close()
		<-done
	})
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", socket.LocalAddr().String())
	}}
}

func answerTo(question []byte, lookup func(name string) []netip.Addr) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil {
		return nil, err
	}
	if len(m.Questions) != 1 {
		return nil, errors.New("not one question")
	}
	q := m.Questions[0]
	m.Response, m.Additionals = true, nil
	addresses := lookup(strings.TrimSuffix(q.Name.String(), "."))
	if len(addresses) == 0 {
		m.RCode = dnsmessage.RCodeNameError
	}
	for _, a := range addresses {
		header := dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, Type: q.Type}
		switch {
		case q.Type == dnsmessage.TypeA && a.Is4():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: a.As4()}})
		case q.Type == dnsmessage.TypeAAAA && a.Is6():
			m.Answers = append(m.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AAAAResource{AAAA: a.As16()}})
		}
	}
	return m.Pack()
}

// everything is at one address.
func everything(t *testing.T, address string) *net.Resolver {
	t.Helper()
	return names(t, func(string) []netip.Addr { return []netip.Addr{netip.MustParseAddr(address)} })
}

// fetched reads a file to its end.
func fetched(ctx context.Context, c remote.Config, address string) (*remote.File, string, error) {
	file, err := remote.New(c).Fetch(ctx, address)
	if err != nil {
		return nil, "", err
	}
	defer file.Close() //nolint:errcheck // it was only read
	content, err := io.ReadAll(file)
	return file, string(content), err
}

// requireRefused wants an error of a code, whose text has none of what the other side said.
func requireRefused(t *testing.T, err error, code, reason string) {
	t.Helper()
	refused := new(remote.Error)
	require.ErrorAs(t, err, &refused)
	require.Equal(t, code, refused.Code)
	require.Equal(t, reason, refused.Error())
}
