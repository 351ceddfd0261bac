package client

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/usher-events/usher/contracts"
)

// Task is the task document of an import.
type Task struct {
	contracts.Task
	// Raw is the document as the server sent it.
	Raw []byte
}

// Task asks where an import stands.
func (c *Client) Task(ctx context.Context, id string) (Task, error) {
	t, _, err := c.task(ctx, id)
	return t, err
}

func (c *Client) task(ctx context.Context, id string) (Task, time.Duration, error) {
	var t Task
	raw, wait, err := c.get(ctx, &t.Task, nil, "v1/tasks", url.PathEscape(id))
	t.Raw = raw
	return t, wait, err
}

// Event returns what a successful import or export came to, and false for any other.
func (t Task) Event() (contracts.Result, bool) {
	var event contracts.Result
	members, ok := t.Result.(map[string]any)
	if !ok || t.State != contracts.Success {
		return event, false
	}
	again, err := json.Marshal(members)
	if err != nil {
		return event, false
	}
	return event, json.Unmarshal(again, &event) == nil
}

// Reason returns why an import failed, in one line; it is empty where it did not.
func (t Task) Reason() string {
	if reason, ok := t.Result.(string); ok && reason != "" {
		return Line(reason)
	}
	if t.Error != nil {
		return Problem(t.Error.Title, t.Error.Detail, t.Error.Code)
	}
	return ""
}
