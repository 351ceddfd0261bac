package client

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/http"
	"net/url"
)

// Wanted is how the archive of an export is to be.
type Wanted struct {
	// Dialect is how keys are spelled, "a" or "b"; empty is the server's choice.
	Dialect string `json:"-"`
	// Image, Video, Audio and Document say which media the archive is to hold; of the
	// others it has the addresses.
	Image    bool `json:"image"`
	Video    bool `json:"video"`
	Audio    bool `json:"audio"`
	Document bool `json:"document"`
}

// Export begins the export of an event, which is named by its id or its identifier. When
// it returns without an error the export goes on by itself.
//
// While answers get lost it asks again, as pace says. All of these requests bear the same
// key, so that they begin one export.
func (c *Client) Export(ctx context.Context, event string, wanted Wanted, pace Pace) (Accepted, error) {
	address := c.base.JoinPath("v1/events", url.PathEscape(event), "export/json")
	if wanted.Dialect != "" {
		address.RawQuery = url.Values{"dialect": {wanted.Dialect}}.Encode()
	}
	key := http.Header{"Idempotency-Key": {rand.Text()}}
	var accepted Accepted
	ask := func() error {
		return c.command(ctx, acceptTimeout, http.MethodPost, address, key, &accepted, wanted)
	}
	err := ask()
	if lost(err) {
		err = Persist(ctx, pace, ask)
	}
	if err != nil {
		return Accepted{}, err
	}
	return c.accepted(accepted)
}

// lost tells whether a request may have got through whose answer did not.
func lost(err error) bool {
	unreachable, network := (*UnreachableError)(nil), (*net.OpError)(nil)
	return errors.As(err, &unreachable) && !(errors.As(err, &network) && network.Op == "dial")
}
