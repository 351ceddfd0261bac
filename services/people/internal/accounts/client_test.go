package accounts

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestClientIsWhoeverAProxyOfOursSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		peer      string
		forwarded []string
		want      string
	}{
		{"198.51.100.7:4711", nil, "198.51.100.7"},
		{"198.51.100.7:4711", []string{"203.0.113.9"}, "198.51.100.7"}, // it is no proxy of ours
		{"[::ffff:198.51.100.7]:4711", nil, "198.51.100.7"},
		{"[2001:db8:1:2:3:4:5:6]:4711", nil, "2001:db8:1:2::/64"},
		{"[2001:db8:1:2:6:5:4:3%eth0]:4711", nil, "2001:db8:1:2::/64"},
		{"127.0.0.1:4711", nil, "127.0.0.1"},
		{"172.18.0.2:4711", []string{"203.0.113.9"}, "203.0.113.9"},
		{"[fd00::2]:4711", []string{"2001:db8:1:2::9"}, "2001:db8:1:2::/64"},
		{"127.0.0.1:4711", []string{"192.0.2.1, 203.0.113.9"}, "203.0.113.9"}, // what the client has sent itself does not count
		{"127.0.0.1:4711", []string{"192.0.2.1", "203.0.113.9"}, "203.0.113.9"},
		{"127.0.0.1:4711", []string{"203.0.113.9, unknown"}, "127.0.0.1"},
		{"127.0.0.1:4711", []string{""}, "127.0.0.1"},
		{"@", []string{"203.0.113.9"}, "@"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/v1/auth/session", nil)
		r.RemoteAddr = c.peer
		for _, one := range c.forwarded {
			r.Header.Add("X-Forwarded-For", one)
		}
		require.Equal(t, c.want, client(r), "%s %q", c.peer, c.forwarded)
	}
}
