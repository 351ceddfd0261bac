package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// sweepTimeout is how long a sweep may take.
const sweepTimeout = 30 * time.Minute

// Swept is what one sweep has removed, or would remove.
type Swept struct {
	Sweep    string   `json:"sweep"`
	Count    int      `json:"count"`
	Bytes    int64    `json:"bytes"`
	Examples []string `json:"examples"`
}

// Sweep removes what ended imports have left behind, or only tells what it would
// remove. It is answered when that is done.
func (c *Client) Sweep(ctx context.Context, dry bool) ([]Swept, error) {
	transport := c.http.Transport.(*http.Transport).Clone()
	transport.ResponseHeaderTimeout = sweepTimeout
	defer transport.CloseIdleConnections()
	patient := *c.http
	patient.Transport = transport
	own := *c
	own.http = &patient

	address := c.base.JoinPath("v1/sweep")
	address.RawQuery = url.Values{"dry_run": {strconv.FormatBool(dry)}}.Encode()
	var answer struct {
		Sweeps []Swept `json:"sweeps"`
	}
	if err := own.command(ctx, sweepTimeout, http.MethodPost, address, nil, &answer, nil); err != nil {
		return nil, err
	}
	return answer.Sweeps, nil
}
