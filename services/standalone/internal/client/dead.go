package client

import (
	"context"
	"encoding/base64"
	"errors"
	"strconv"
	"time"
)

// Dead is a message that Usher could not read.
type Dead struct {
	Sequence uint64     `json:"-"`
	BuriedAt *time.Time `json:"buried-at"`
	Reason   string     `json:"reason"`
	Consumer string     `json:"consumer"`
	Subject  string     `json:"subject"`
	Message  string     `json:"message-id"`
	Size     int64      `json:"size"`
	// Text or Base64 is the payload, of which Cut says whether it is only the
	// beginning. A list has neither.
	Text   *string `json:"payload"`
	Base64 *string `json:"payload-base64"`
	Cut    bool    `json:"payload-cut"`
}

// Payload returns the bytes of the payload, as far as they were shown.
func (d Dead) Payload() ([]byte, error) {
	switch {
	case d.Text != nil:
		return []byte(*d.Text), nil
	case d.Base64 != nil:
		return base64.StdEncoding.DecodeString(*d.Base64)
	}
	return nil, nil
}

// deadEntry is one of them as JSON:API has it.
type deadEntry struct {
	ID         string `json:"id"`
	Attributes Dead   `json:"attributes"`
}

func (c *Client) dead(e deadEntry) (Dead, error) {
	sequence, err := strconv.ParseUint(e.ID, 10, 64)
	if err != nil {
		return Dead{}, c.notUsher(errors.New("a message has no number"))
	}
	e.Attributes.Sequence = sequence
	return e.Attributes, nil
}

// DeadMessages returns the newest messages that could not be read, at most limit
// of them, and how many there are.
func (c *Client) DeadMessages(ctx context.Context, limit int) (messages []Dead, total int, err error) {
	for number := 1; len(messages) < limit; number++ {
		var p struct {
			Data []deadEntry `json:"data"`
			Meta struct {
				Total int `json:"total"`
			} `json:"meta"`
			Links struct {
				Next string `json:"next"`
			} `json:"links"`
		}
		if _, _, err := c.get(ctx, &p, pageOf(number, min(limit, maxPage)), "v1/dead"); err != nil {
			return nil, 0, err
		}
		for _, entry := range p.Data {
			d, err := c.dead(entry)
			if err != nil {
				return nil, 0, err
			}
			if len(messages) < limit {
				messages = append(messages, d)
			}
		}
		total = p.Meta.Total
		if p.Links.Next == "" || len(p.Data) == 0 {
			break
		}
	}
	return messages, total, nil
}

// DeadMessage returns one of them with its payload.
func (c *Client) DeadMessage(ctx context.Context, sequence uint64) (Dead, error) {
	var document struct {
		Data deadEntry `json:"data"`
	}
	if _, _, err := c.get(ctx, &document, nil, "v1/dead", strconv.FormatUint(sequence, 10)); err != nil {
		return Dead{}, err
	}
	return c.dead(document.Data)
}

// DiscardDead removes one of them.
func (c *Client) DiscardDead(ctx context.Context, sequence uint64) error {
	return c.remove(ctx, "v1/dead", strconv.FormatUint(sequence, 10))
}
