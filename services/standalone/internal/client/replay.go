package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
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
// stage, or from the one that has failed where it is empty.
func (c *Client) Replay(ctx context.Context, id string, from contracts.Stage) (Replayed, error) {
	limited, cancel := context.WithTimeoutCause(ctx, acceptTimeout, fmt.Errorf("no answer within %s", acceptTimeout))
	defer cancel()
	body, err := json.Marshal(struct {
		From contracts.Stage `json:"from,omitempty"`
	}{from})
	if err != nil {
		return Replayed{}, err
	}
	address := c.base.JoinPath("v1/imports", url.PathEscape(id), "replay")
	r, err := http.NewRequestWithContext(limited, http.MethodPost, address.String(), bytes.NewReader(body))
	if err != nil {
		return Replayed{}, err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := c.send(r)
	if err != nil {
		return Replayed{}, cmp.Or(ctx.Err(), c.timedOut(limited), err)
	}
	defer answer.Body.Close()
	var replayed Replayed
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(&replayed); err != nil {
		return Replayed{}, cmp.Or(ctx.Err(), c.timedOut(limited), c.notUsher(err))
	}
	if replayed.ID == "" || replayed.Attempt < 2 {
		return Replayed{}, c.notUsher(errors.New("it accepts the replay and names no attempt"))
	}
	replayed.TaskURL = c.URL(cmp.Or(replayed.TaskURL, "/v1/tasks/"+replayed.ID))
	return replayed, nil
}
