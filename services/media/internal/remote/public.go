package remote

import (
	"errors"
	"net/netip"
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

// control looks at a connection that is about to be made. What a name leads to is
// known by then, and nobody asks for it again: an answer that is another one
// the next time gains nothing.
func (f *Fetcher) control(network, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || network != "tcp4" && network != "tcp6" {
		return errNotPublic
	}
	return f.permit(to)
}
