package accounts

import (
	"net/http"
	"net/netip"
	"strings"
)

// client names who sends a request, for counting: an address, or for IPv6 the
// network that one customer has. A request that comes from a private network comes
// from a proxy, and the proxy says from whom: the last address is its own word, those
// before it are what it was told. Without a proxy, people of the same private network
// can say what they like, and only what counts logins holds for them.
func client(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	address := peer.Addr().Unmap()
	if address.IsPrivate() || address.IsLoopback() {
		told := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
		last := strings.TrimSpace(told[strings.LastIndexByte(told, ',')+1:])
		if forwarded, err := netip.ParseAddr(last); err == nil {
			address = forwarded.Unmap()
		}
	}
	if address.Is6() {
		network, _ := address.WithZone("").Prefix(64) // IPv6 has more bits than that
		return network.String()
	}
	return address.String()
}
