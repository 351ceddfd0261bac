package contracttest

import "net/http"

// Client returns a client that does what base does and holds every exchange
// against the OpenAPI documents, as Exchange does. A nil base is a client
// without any settings. Requests that are not of the contracts, such as those
// for a process's health, go through another client.
func Client(t T, base *http.Client) *http.Client {
	if base == nil {
		base = &http.Client{}
	}
	checked := *base
	next := base.Transport
	if next == nil {
		next = &http.Transport{}
	}
	checked.Transport = transport{t: t, next: next}
	return &checked
}

type transport struct {
	t    T
	next http.RoundTripper
}

// RoundTrip implements http.RoundTripper.
func (c transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(req)
	if err == nil {
		Exchange(c.t, req, resp)
	}
	return resp, err
}
