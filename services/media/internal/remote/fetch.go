package remote

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"strings"
)

// File is what an address leads to. Its errors are *Error, and those of the context.
type File struct {
	// Type is the media type that the server gives, without parameters; "" where it
	// gives none.
	Type string
	// Size is what the server says in bytes, -1 where it does not.
	Size int64

	*body
}

// Fetch asks for the file at an address. The caller reads and closes it while ctx
// lasts. The error is an *Error where there is no file, else that of ctx.
func (f *Fetcher) Fetch(ctx context.Context, address string) (*File, error) {
	to, err := target(address)
	if err != nil {
		return nil, err
	}
	if err := f.permit.port(to); err != nil {
		return nil, err
	}
	b := f.newBody(ctx)
	res, err := f.ask(b.within, to.String()) //nolint:bodyclose // it is closed with the File
	if err != nil {
		err = b.why(err)
		_ = b.Close()
		return nil, err
	}
	b.from = res.Body
	if err := f.usable(res); err != nil {
		_ = b.Close()
		return nil, err
	}
	mediaType, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	return &File{Type: mediaType, Size: res.ContentLength, body: b}, nil
}

func (f *Fetcher) ask(ctx context.Context, address string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, errScheme
	}
	req.Header.Set("User-Agent", "Usher") // some servers refuse Go's own
	req.Header.Set("Accept-Encoding", "identity")
	return f.client.Do(req)
}

// usable refuses an answer that bears no file.
func (f *Fetcher) usable(res *http.Response) error {
	switch {
	case res.StatusCode != http.StatusOK:
		// The number and not what the server calls it.
		text := fmt.Sprintf("the server answers %d %s", res.StatusCode, http.StatusText(res.StatusCode))
		return &Error{CodeFailed, strings.TrimSpace(text)}
	case res.ContentLength == 0:
		return ErrEmpty
	case res.ContentLength > f.limits.File:
		return tooLarge(f.limits.File)
	}
	return nil
}

// reasonOf says what an error of the network comes to.
func reasonOf(err error) *Error {
	if known, ok := errors.AsType[*Error](err); ok {
		return known
	}
	if lookup, ok := errors.AsType[*net.DNSError](err); ok {
		if lookup.IsTimeout || lookup.IsTemporary {
			return errLookup
		}
		return errNotPublic
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return errTrust
	}
	if slow, ok := errors.AsType[net.Error](err); ok && slow.Timeout() {
		return errNoAnswer
	}
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "dial" {
		return errUnreached
	}
	return errBroken
}
