package remote

import (
	"errors"
	"net/netip"
	"net/url"
	"slices"
	"syscall"

	"code.dny.dev/ssrf"
)

// azureHost is where a machine in Azure asks for what concerns itself. It is the
// only such address that no registry sets apart from the public ones.
var azureHost = netip.MustParsePrefix("168.63.129.16/32")

// public knows what IANA sets apart: private, local, shared and reserved addresses,
// and of IPv6 all but global unicast, so that an address of IPv4 inside of one (mapped,
// NAT64, 6to4, Teredo) is none either.
var public = ssrf.New(ssrf.WithDeniedV4Prefixes(azureHost))

// Public permits servers of the public web at the usual ports, so that nobody's
// other services are talked to.
func Public(to netip.AddrPort) error {
	err := public.SafeAddrPort(to)
	switch {
	case errors.Is(err, ssrf.ErrProhibitedPort):
		return errPort
	case err != nil:
		return errNotPublic
	}
	return nil
}

// Permit says what is asked for files. The zero value of each field stands for its
// default.
type Permit struct {
	// Ports are those that an address may name: 80 and 443.
	Ports []string
	// Server says with an error where no connection may be made to: Public.
	Server func(netip.AddrPort) error
}

func (p Permit) withDefaults() Permit {
	if p.Ports == nil {
		p.Ports = []string{"80", "443"}
	}
	if p.Server == nil {
		p.Server = Public
	}
	return p
}

// port looks at the port of an address before its name is looked up. Later the answer
// would differ between a name that exists and one that does not, and an archive could
// find out which names there are in our network.
func (p Permit) port(u *url.URL) error {
	if port := u.Port(); port != "" && !slices.Contains(p.Ports, port) {
		return errPort
	}
	return nil
}

// control looks at a connection that is about to be made. What a name leads to is
// known by then, and nobody asks for it again: an answer that is another one
// the next time gains nothing.
func (f *Fetcher) control(network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" {
		return errNotPublic
	}
	return f.permit.Server(to)
}
