package client

import (
	"cmp"
	"context"
	"errors"
	"net/url"

	"github.com/usher-events/usher/contracts"
)

// Replayed is the answer to a replay.
type Replayed struct {
	ID      string          `json:"id"`
	TaskURL string          `json:"task_url"`
	Attempt int             `json:"attempt"`
	From    contracts.Stage `json:"from"`
}

// Replay begins the next attempt of an import that has failed, from the given
// stage, or from the one that has failed where it is empty. One that has succeeded
// is made anew by force only.
func (c *Client) Replay(ctx context.Context, id string, from contracts.Stage, force bool) (Replayed, error) {
	var replayed Replayed
	wanted := struct {
		From  contracts.Stage `json:"from,omitempty"`
		Force bool            `json:"force,omitempty"`
	}{from, force}
	if err := c.post(ctx, acceptTimeout, &replayed, wanted, "v1/imports", url.PathEscape(id), "replay"); err != nil {
		return Replayed{}, err
	}
	if replayed.ID == "" || replayed.Attempt < 2 {
		return Replayed{}, c.notUsher(errors.New("it accepts the replay and names no attempt"))
	}
	replayed.TaskURL = c.URL(cmp.Or(replayed.TaskURL, "/v1/tasks/"+replayed.ID))
	return replayed, nil
}
