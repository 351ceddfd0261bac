// Package client talks to the HTTP interface of an Usher, its own or another's.
// The commands import, export, status, list and user stand on it.
package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// DefaultServer is where an Usher on this machine serves.
const DefaultServer = "http://localhost:8080"

const (
	// answerTimeout is how long a question may take, its answer included.
	answerTimeout = 15 * time.Second
	// acceptTimeout is how long the server may think about an upload that it
	// has received as a whole.
	acceptTimeout = 2 * time.Minute
	// maxAnswer is how many bytes of an answer are read.
	maxAnswer = 32 << 20
	// userAgent is what the client calls itself.
	userAgent = "usher"
)

var errNoAnswer = fmt.Errorf("no answer within %s", answerTimeout)

// Config says which Usher to talk to, and as whom. The tags are those of the
// command line.
type Config struct {
	// Server is a URL; a path in it comes before those of the interface. Empty
	// is DefaultServer.
	Server string `help:"URL of the Usher to talk to; default is http://localhost:8080." env:"USHER_SERVER" default:"http://localhost:8080" placeholder:"URL"`
	// Token identifies the caller. It never becomes part of an error.
	Token string `help:"Token to identify by; \"usher token\" prints one." env:"USHER_TOKEN" placeholder:"TOKEN"`
}

// Client asks one Usher as one person. It is safe for concurrent use.
type Client struct {
	base  *url.URL
	token string
	http  *http.Client
}

// New returns a client; nothing is sent yet.
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(strings.TrimRight(cmp.Or(cfg.Server, DefaultServer), "/"))
	switch {
	case err != nil, base.Scheme != "http" && base.Scheme != "https", base.Host == "":
		return nil, fmt.Errorf("the server must be a URL such as %s", DefaultServer)
	case base.User != nil, base.RawQuery != "", base.Fragment != "":
		return nil, fmt.Errorf("the server must be a URL such as %s, without user, query or fragment", DefaultServer)
	}
	token := strings.TrimSpace(cfg.Token)
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("the token has characters that no token has: was it copied as a whole?")
	}
	return &Client{base: base, token: token, http: &http.Client{
		// A redirect would carry the token to another server, and turn an
		// upload into a question.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: answerTimeout}).DialContext,
			TLSHandshakeTimeout:   answerTimeout,
			ForceAttemptHTTP2:     true,
			ResponseHeaderTimeout: acceptTimeout,
			IdleConnTimeout:       time.Minute,
		},
	}}, nil
}

// URL makes a link of the server one that works from here: what is absolute
// stays, what begins with a slash is below the server's URL.
func (c *Client) URL(link string) string {
	if !strings.HasPrefix(link, "/") {
		return link
	}
	return c.base.String() + link
}

// get asks for a document and decodes it into v. It returns the document as it
// came, and how long the server wants to be left alone, 0 where it does not say.
func (c *Client) get(ctx context.Context, v any, query url.Values, path ...string) ([]byte, time.Duration, error) {
	limited, cancel := context.WithTimeoutCause(ctx, answerTimeout, errNoAnswer)
	defer cancel()
	address := c.base.JoinPath(path...)
	address.RawQuery = query.Encode()
	r, err := http.NewRequestWithContext(limited, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, 0, err
	}
	answer, err := c.send(r)
	if err != nil {
		return nil, 0, cmp.Or(ctx.Err(), c.timedOut(limited), err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return nil, 0, cmp.Or(ctx.Err(), c.timedOut(limited), error(&UnreachableError{Server: c.base.String(), Err: err}))
	}
	if err := json.Unmarshal(body, v); err != nil {
		return nil, 0, c.notUsher(err)
	}
	return body, retryAfter(answer.Header), nil
}

// post sends a document and decodes the answer, which may take so long, into v.
func (c *Client) post(ctx context.Context, patience time.Duration, v, document any, path ...string) error {
	return c.command(ctx, patience, http.MethodPost, c.base.JoinPath(path...), nil, v, document)
}

// remove deletes what a path names.
func (c *Client) remove(ctx context.Context, path ...string) error {
	return c.command(ctx, answerTimeout, http.MethodDelete, c.base.JoinPath(path...), nil, nil, nil)
}

// command asks for something to be done: it sends a document, unless that is nil,
// under a header, and decodes the answer, which may take so long, into v, unless that
// is nil.
func (c *Client) command(ctx context.Context, patience time.Duration, method string, address *url.URL, header http.Header, v, document any) error {
	limited, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("no answer within %s", patience))
	defer cancel()
	var body io.Reader = http.NoBody
	if document != nil {
		text, err := json.Marshal(document)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(limited, method, address.String(), body)
	if err != nil {
		return err
	}
	maps.Copy(r.Header, header)
	if document != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.send(r)
	if err != nil {
		return cmp.Or(ctx.Err(), c.timedOut(limited), err)
	}
	defer answer.Body.Close()
	if v == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(v); err != nil {
		return cmp.Or(ctx.Err(), c.timedOut(limited), c.notUsher(err))
	}
	return nil
}

// send returns the answer where it is one of success; its body is then for the
// caller to close.
func (c *Client) send(r *http.Request) (*http.Response, error) {
	r.Header.Set("Accept", "application/json, application/vnd.api+json, application/problem+json")
	answer, err := c.ask(r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode/100 != 2 {
		defer answer.Body.Close()
		return nil, c.refusal(answer)
	}
	return answer, nil
}

// ask returns whatever Usher answers to the caller; its body is for the caller to close.
func (c *Client) ask(r *http.Request) (*http.Response, error) {
	r.Header.Set("User-Agent", userAgent)
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, &UnreachableError{Server: c.base.String(), Err: withoutURL(err)}
	}
	return answer, nil
}

// timedOut says better than net/http that a question had its time.
func (c *Client) timedOut(ctx context.Context) error {
	if ctx.Err() == nil {
		return nil
	}
	return &UnreachableError{Server: c.base.String(), Err: context.Cause(ctx)}
}

// withoutURL leaves away what net/http puts before an error: method and address.
func withoutURL(err error) error {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		return u.Err
	}
	return err
}

func (c *Client) notUsher(err error) error {
	return fmt.Errorf("%s does not answer as an Usher does: %w", c.base, err)
}
