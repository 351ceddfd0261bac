package remote

import (
	"cmp"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Limits bound what one file may cost. The zero value of each field stands for its
// default.
type Limits struct {
	// File is the size of a file, in bytes: 2 GiB, as in an archive.
	File int64
	// Connect is how long a connection may take, and once more its encryption: 10 s.
	Connect time.Duration
	// Silence is how long a server may take to answer, and to go on with what it
	// sends: 30 s.
	Silence time.Duration
	// Whole is how long all of it may take, redirects included: 10 minutes.
	Whole time.Duration
}

func (l Limits) withDefaults() Limits {
	l.File = cmp.Or(l.File, 2<<30)
	l.Connect = cmp.Or(l.Connect, 10*time.Second)
	l.Silence = cmp.Or(l.Silence, 30*time.Second)
	l.Whole = cmp.Or(l.Whole, 10*time.Minute)
	return l
}

// Config says what a Fetcher does. The zero value is what production has: tests have
// servers of their own, at addresses and ports that are not public.
type Config struct {
	Limits Limits
	Permit Permit
	// Resolver looks up names; nil is that of the system.
	Resolver *net.Resolver
}

// Fetcher fetches files. It is safe for concurrent use.
type Fetcher struct {
	limits Limits
	permit Permit
	client *http.Client
}

const (
	maxRedirects = 5
	// maxAddress is how long an address may be, in bytes; a record may be longer.
	maxAddress = 8 << 10
	maxHeader  = 64 << 10
)

// New returns a fetcher.
func New(c Config) *Fetcher {
	f := &Fetcher{limits: c.Limits.withDefaults(), permit: c.Permit.withDefaults()}
	dialer := &net.Dialer{Timeout: f.limits.Connect, Resolver: c.Resolver, Control: f.control}
	f.client = &http.Client{
		CheckRedirect: f.redirected,
		Transport: &http.Transport{
			// No Proxy: it would make the connections in our place.
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    f.limits.Connect,
			ResponseHeaderTimeout:  f.limits.Silence,
			MaxResponseHeaderBytes: maxHeader,
			// Each request has a connection of its own, which is looked at.
			DisableKeepAlives: true,
			// What is small when it comes stays as small.
			DisableCompression: true,
		},
	}
	return f
}

// target reads an address as what is asked for: without the name and password that
// may stand in it, which are not ours to use, and without its fragment.
func target(address string) (*url.URL, error) {
	if len(address) > maxAddress {
		return nil, errScheme
	}
	if strings.HasPrefix(address, "//") {
		address = "https:" + address
	}
	u, err := url.Parse(address)
	if err != nil || !isWeb(u) {
		return nil, errScheme
	}
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	return u, nil
}

func isWeb(u *url.URL) bool { return (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" }

// redirected looks at a request that follows from a redirect.
func (f *Fetcher) redirected(next *http.Request, before []*http.Request) error {
	if len(before) > maxRedirects {
		return errRedirects
	}
	if !isWeb(next.URL) || len(next.URL.String()) > maxAddress {
		return errElsewhere
	}
	if err := f.permit.port(next.URL); err != nil {
		return err
	}
	next.URL.User = nil
	// It would tell the next server the address of the first, which may be a secret.
	next.Header.Del("Referer")
	return nil
}

// Shown is an address as it may stand in a message or a log: without user, query and
// fragment, which may be secret, and of bounded length. Of what is no address of the
// web nothing is shown.
func Shown(address string) string {
	u, err := target(address)
	if err != nil {
		return "…"
	}
	const most = 200
	shown := (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
	if len(shown) > most {
		shown = strings.ToValidUTF8(shown[:most], "") + "…"
	}
	return shown
}

// Canonical is what is asked for at an address: two that have it in common are fetched
// once. Of one that is too long it is only so much that it is too long as well.
func Canonical(address string) string {
	if len(address) > maxAddress {
		return strings.Clone(address[:maxAddress+1])
	}
	u, err := target(address)
	if err != nil {
		return strings.Clone(address)
	}
	return u.String()
}
