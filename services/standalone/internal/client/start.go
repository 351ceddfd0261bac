package client

import (
	"context"
	"net/url"
)

// Start begins the import of an archive that was checked, and tells of it. Starting
// a check again tells of the same import.
func (c *Client) Start(ctx context.Context, id string) (Accepted, error) {
	var accepted Accepted
	if err := c.post(ctx, acceptTimeout, &accepted, struct{}{}, "v1/imports", url.PathEscape(id), "start"); err != nil {
		return Accepted{}, err
	}
	return c.accepted(accepted)
}
