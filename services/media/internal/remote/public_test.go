package remote_test

import (
	"net/http"
	"net/netip"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/media/internal/remote"
)

const (
	notPublic = "no server of the public web has this address"
	notUsual  = "files are fetched from the usual ports only, 80 and 443"
)

// forbidden has an address of each range in which nobody's files are.
var forbidden = map[string]string{
	"this network":             "0.0.0.0",
	"this network, somewhere":  "0.1.2.3",
	"private 10":               "10.1.2.3",
	"private 172":              "172.16.0.1",
	"private 172, the end":     "172.31.255.255",
	"private 192":              "192.168.1.1",
	"shared, of providers":     "100.64.0.1",
	"Alibaba's metadata":       "100.100.100.200",
	"loopback":                 "127.0.0.1",
	"loopback, another":        "127.8.9.10",
	"link-local":               "169.254.1.1",
	"metadata of most clouds":  "169.254.169.254",
	"metadata of containers":   "169.254.170.2",
	"metadata of Oracle":       "192.0.0.192",
	"Azure's host":             "168.63.129.16",
	"documentation":            "203.0.113.7",
	"benchmarks":               "198.18.0.1",
	"multicast":                "224.0.0.1",
	"multicast, the end":       "239.255.255.250",
	"reserved":                 "240.0.0.1",
	"broadcast":                "255.255.255.255",
	"IPv6 unspecified":         "::",
	"IPv6 loopback":            "::1",
	"IPv6 link-local":          "fe80::1",
	"IPv6 link-local, a zone":  "fe80::1%lo",
	"IPv6 site-local":          "fec0::1",
	"IPv6 unique local":        "fd12:3456::1",
	"metadata of AWS, IPv6":    "fd00:ec2::254",
	"metadata of Google, IPv6": "fd20:ce::254",
	"IPv6 multicast":           "ff02::1",
	"IPv6 documentation":       "2001:db8::1",
	"IPv6 discard":             "100::1",
	"mapped":                   "::ffff:127.0.0.1",
	"compatible":               "::127.0.0.1",
	"translated":               "::ffff:0:127.0.0.1",
	"NAT64":                    "64:ff9b::7f00:1",
	"NAT64, metadata":          "64:ff9b::a9fe:a9fe",
	"NAT64 of a network":       "64:ff9b:1::a9fe:a9fe",
	"6to4":                     "2002:7f00:1::1",
	"6to4, metadata":           "2002:a9fe:a9fe::1",
	"Teredo":                   "2001:0:4136:e378:8000:63bf:80ff:fffe",
	"SRv6":                     "5f00::1",
}

func TestNoServiceOfOurOwnNetworkIsPublic(t *testing.T) {
	t.Parallel()
	for name, address := range forbidden {
		for _, port := range []uint16{80, 443} {
			err := remote.Public(netip.AddrPortFrom(netip.MustParseAddr(address), port))
			require.Error(t, err, name)
			requireRefused(t, err, remote.CodeRefused, notPublic)
		}
	}
	for _, address := range []string{"8.8.8.8:80", "1.1.1.1:443", "172.32.0.1:443", "100.128.0.1:80", "[2606:4700:4700::1111]:443"} {
		require.NoError(t, remote.Public(netip.MustParseAddrPort(address)), address)
	}
	for _, address := range []string{"8.8.8.8:22", "8.8.8.8:4222", "8.8.8.8:8080", "[2606:4700:4700::1111]:5432"} {
		requireRefused(t, remote.Public(netip.MustParseAddrPort(address)), remote.CodeRefused, notUsual)
	}
}

// A name is as good as what it leads to, and looking it up is all that is done.
func TestNamesOfForbiddenAddressesAreNotConnectedTo(t *testing.T) {
	t.Parallel()
	for name, address := range forbidden {
		if a := netip.MustParseAddr(address); a.Zone() != "" {
			continue // which no name has
		}
		_, _, err := fetched(t.Context(), remote.Config{Resolver: everything(t, address)}, "http://pictures.example/ada.png")
		require.Error(t, err, name)
		requireRefused(t, err, remote.CodeRefused, notPublic)
	}
}

// However an address is written, this machine stays this machine. The name server
// says of each name that it is here, as the C library does of some numbers.
func TestThisMachineIsNotAskedHoweverItIsSpelt(t *testing.T) {
	t.Parallel()
	here := serve(t, "127.0.0.1:0", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("secret")) })
	c := remote.Config{
		Permit: remote.Permit{Ports: []string{here.port()}, Server: publicAtAnyPort}, Resolver: everything(t, "127.0.0.1"),
	}
	for _, host := range []string{
		"127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "017700000001", "127.0.0.1.",
		"0", "0.0.0.0", "localhost", "LOCALHOST", "localhost.", "127.0.0.1.nip.io", "①②⑦.⓪.⓪.①", "127。0。0。1", "%31%32%37.0.0.1",
		"[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]", "[::127.0.0.1]",
		"[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1%25lo]", "[::1%25lo]", "public.example@127.0.0.1", "public.example:80@127.0.0.1",
	} {
		_, _, err := fetched(t.Context(), c, "http://"+host+":"+here.port()+"/")
		require.Error(t, err, host)
		refused := new(remote.Error)
		require.ErrorAs(t, err, &refused, host)
		require.Equal(t, remote.CodeRefused, refused.Code, host)
	}
	require.Zero(t, here.connections.Load())
}

func TestRedirectToAForbiddenAddressIsNotFollowed(t *testing.T) {
	t.Parallel()
	inside := local(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("secret")) })
	var location string
	outside := local(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", location)
		w.WriteHeader(http.StatusFound)
	})
	permit := only(outside, inside)
	permit.Server = func(to netip.AddrPort) error {
		if to == outside.place() {
			return nil
		}
		return publicAtAnyPort(to)
	}
	c := remote.Config{Permit: permit, Resolver: everything(t, "127.0.0.1")}
	for _, location = range []string{
		inside.URL, "//" + inside.Listener.Addr().String() + "/", "http://intern.example:" + inside.port() + "/",
		"http://[::ffff:127.0.0.1]:" + inside.port() + "/", "http://169.254.169.254/latest/meta-data/",
	} {
		_, _, err := fetched(t.Context(), c, outside.URL)
		require.Error(t, err, location)
		requireRefused(t, err, remote.CodeRefused, notPublic)
	}
	for _, location = range []string{
		"file:///etc/passwd", "gopher://127.0.0.1:6379/_FLUSHALL", "ftp://pictures.example/a.png", "data:image/png;base64,AAAA", "javascript:alert(1)",
		"http:///a.png",
	} {
		_, _, err := fetched(t.Context(), c, outside.URL)
		require.Error(t, err, location)
		requireRefused(t, err, remote.CodeRefused, "the server sends to an address that is not one of the web")
	}
	require.Zero(t, inside.connections.Load())
	require.EqualValues(t, 11, outside.connections.Load())
}

// A name server that says another address the second time gains nothing: what is looked
// at is the address of each connection.
func TestNameThatChangesItsAddressIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	resolver := names(t, func(name string) []netip.Addr {
		if name != "rebinds.example" {
			return nil
		}
		if asked.Load() == 0 {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.2")}
	})
	outside := local(t, nil)
	outside.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Location", outside.named("rebinds.example", "/again"))
		w.WriteHeader(http.StatusFound)
	})
	inside := serve(t, "127.0.0.2:"+outside.port(), func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("secret")) })

	c := remote.Config{Permit: only(outside), Resolver: resolver}
	_, _, err := fetched(t.Context(), c, outside.named("rebinds.example", "/"))
	require.Error(t, err)
	requireRefused(t, err, remote.CodeRefused, notUsual)
	require.EqualValues(t, 1, asked.Load(), "it was asked once, while its address was a good one")
	require.Zero(t, inside.connections.Load())
}

// Of several addresses of a name each is looked at on its own.
func TestForbiddenAddressAmongGoodOnesIsPassedOver(t *testing.T) {
	t.Parallel()
	outside := local(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("picture")) })
	inside := serve(t, "127.0.0.2:"+outside.port(), func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("secret")) })
	resolver := names(t, func(string) []netip.Addr {
		return []netip.Addr{netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("::1"), netip.MustParseAddr("127.0.0.1")}
	})
	_, content, err := fetched(t.Context(), remote.Config{Permit: only(outside), Resolver: resolver}, outside.named("both.example", "/"))
	require.NoError(t, err)
	require.Equal(t, "picture", content)
	require.Zero(t, inside.connections.Load())
}

// Whether a name of our network exists is nobody's business.
func TestUnknownNameIsToldLikeAForbiddenOne(t *testing.T) {
	t.Parallel()
	unknown := names(t, func(string) []netip.Addr { return nil })
	_, _, err := fetched(t.Context(), remote.Config{Resolver: unknown}, "http://postgres.intern.example/")
	requireRefused(t, err, remote.CodeRefused, notPublic)
}

// What is refused for its port is refused before anybody asks for its name, so that
// the answer is the same whether the name exists or not.
func TestNameAtAnotherPortIsNotLookedUp(t *testing.T) {
	t.Parallel()
	var lookedUp atomic.Int64
	resolver := names(t, func(name string) []netip.Addr {
		lookedUp.Add(1)
		if name == "there.intern.example" {
			return []netip.Addr{netip.MustParseAddr("10.1.2.3")}
		}
		return nil
	})
	var location string
	outside := local(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", location)
		w.WriteHeader(http.StatusFound)
	})
	for _, name := range []string{"there.intern.example", "unknown.intern.example"} {
		for _, port := range []string{"5432", "0", "0443", "65616"} { // the last is 80 in two bytes
			location = "http://" + name + ":" + port + "/x"
			_, _, err := fetched(t.Context(), remote.Config{Resolver: resolver}, location)
			requireRefused(t, err, remote.CodeRefused, notUsual)
			_, _, err = fetched(t.Context(), remote.Config{Permit: only(outside), Resolver: resolver}, outside.URL)
			requireRefused(t, err, remote.CodeRefused, notUsual)
		}
	}
	require.EqualValues(t, 8, outside.connections.Load())
	require.Zero(t, lookedUp.Load())
}
