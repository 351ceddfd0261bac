package client

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/usher-events/usher/contracts"
)

// Stage is how a stage is doing, for one kind of import.
type Stage struct {
	Stage     contracts.Stage `json:"stage"`
	Kind      contracts.Kind  `json:"kind"`
	Instances []struct {
		Host string `json:"host"`
	} `json:"instances"`
	Waiting     int        `json:"waiting"`
	InFlight    int        `json:"in_flight"`
	Tried       int        `json:"tried"`
	OldestSince *time.Time `json:"oldest_since"`
	PausedUntil *time.Time `json:"paused_until"`
}

// Stages tells how all stages are doing, in the order of the pipelines.
func (c *Client) Stages(ctx context.Context) ([]Stage, error) {
	var answer struct {
		Data []Stage `json:"data"`
	}
	_, _, err := c.get(ctx, &answer, nil, "v1/stages")
	return answer.Data, err
}

// Pause holds up a stage for so long, and tells until when.
func (c *Client) Pause(ctx context.Context, stage string, d time.Duration) (time.Time, error) {
	var answer struct {
		PausedUntil *time.Time `json:"paused_until"`
	}
	wanted := struct {
		For string `json:"for"`
	}{d.String()}
	if err := c.post(ctx, answerTimeout, &answer, wanted, "v1/stages", url.PathEscape(stage), "pause"); err != nil {
		return time.Time{}, err
	}
	if answer.PausedUntil == nil {
		return time.Time{}, c.notUsher(errors.New("it pauses the stage and does not say until when"))
	}
	return *answer.PausedUntil, nil
}

// Resume ends the pause of a stage.
func (c *Client) Resume(ctx context.Context, stage string) error {
	var answer struct{}
	return c.post(ctx, answerTimeout, &answer, struct{}{}, "v1/stages", url.PathEscape(stage), "resume")
}
