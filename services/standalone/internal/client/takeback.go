package client

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
)

// TakenBack is the answer to a cancel or a discard.
type TakenBack struct {
	ID      string `json:"id"`
	TaskURL string `json:"task_url"`
}

// Cancel takes back an import that has not ended. Asking again comes to the same.
func (c *Client) Cancel(ctx context.Context, id string) (TakenBack, error) {
	return c.takeBack(ctx, http.MethodPost, c.base.JoinPath("v1/imports", url.PathEscape(id), "cancel"))
}

// Discard takes back an import that has ended, with all that was made of it. What
// people have changed since goes by force only. Asking again comes to the same.
func (c *Client) Discard(ctx context.Context, id string, force bool) (TakenBack, error) {
	address := c.base.JoinPath("v1/imports", url.PathEscape(id))
	if force {
		address.RawQuery = "force=true"
	}
	return c.takeBack(ctx, http.MethodDelete, address)
}

func (c *Client) takeBack(ctx context.Context, method string, address *url.URL) (TakenBack, error) {
	var taken TakenBack
	if err := c.command(ctx, acceptTimeout, method, address, nil, &taken, nil); err != nil {
		return TakenBack{}, err
	}
	if taken.ID == "" {
		return TakenBack{}, c.notUsher(errors.New("it accepts the command and names no import"))
	}
	taken.TaskURL = c.URL(cmp.Or(taken.TaskURL, "/v1/tasks/"+taken.ID))
	return taken, nil
}
