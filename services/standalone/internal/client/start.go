package client

import (
	"context"
	"net/url"
)

// Start begins the import of what was checked, and tells of it. Starting a check again
// tells of the same import. A mapping says anew what the columns of a list hold; without
// one that of the check counts.
func (c *Client) Start(ctx context.Context, id string, mapping map[string]string) (Accepted, error) {
	wanted := struct {
		Mapping map[string]string `json:"mapping,omitempty"`
	}{mapping}
	var accepted Accepted
	if err := c.post(ctx, acceptTimeout, &accepted, wanted, "v1/imports", url.PathEscape(id), "start"); err != nil {
		return Accepted{}, err
	}
	return c.accepted(accepted)
}
