package client

import (
	"context"
	"net/url"

	"github.com/usher-events/usher/contracts"
)

// Issues returns the first issues of an import, at most limit of them and no
// more than a page of the server has.
func (c *Client) Issues(ctx context.Context, id string, limit int) ([]contracts.Issue, error) {
	var list struct {
		Data []contracts.Issue `json:"data"`
	}
	_, _, err := c.get(ctx, &list, pageOf(1, min(limit, maxPage)), "v1/imports", url.PathEscape(id), "issues")
	return list.Data, err
}
