package command

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

// DeadMessages is `usher dead`.
type DeadMessages struct {
	List    DeadList    `cmd:"" help:"List them, the newest first."`
	Show    DeadShow    `cmd:"" help:"Show one and what it says."`
	Discard DeadDiscard `cmd:"" help:"Remove some for good."`
}

// DeadList is `usher dead list`.
type DeadList struct {
	client.Config
	Limit int `help:"How many messages to list at most." default:"20" placeholder:"N"`
}

// Run prints a table of the newest.
func (c *DeadList) Run(ctx context.Context, t *Terminal) error {
	if c.Limit < 1 {
		return fmt.Errorf("the limit is %d, it must be at least 1", c.Limit)
	}
	server, err := client.New(c.Config)
	if err != nil {
		return err
	}
	messages, total, err := server.DeadMessages(ctx, c.Limit)
	if err != nil {
		return err
	}
	if len(messages) == 0 {
		_, err := fmt.Fprintln(t.Out, "There are no such messages.")
		return err
	}
	table := newTable(t.Out, "NUMBER", "WHEN", "CONSUMER", "SUBJECT", "SIZE", "REASON")
	for _, m := range messages {
		table.row(strconv.FormatUint(m.Sequence, 10), timeText(m.BuriedAt), m.Consumer, m.Subject, byteText(m.Size), m.Reason)
	}
	if err := table.flush(); err != nil {
		return err
	}
	if more := total - len(messages); more > 0 {
		t.note("%d more", more)
	}
	return nil
}

// DeadShow is `usher dead show`.
type DeadShow struct {
	client.Config
	Number uint64 `arg:"" help:"Number of the message in the list."`
}

// Run prints one message. Nothing of it steers the terminal.
func (c *DeadShow) Run(ctx context.Context, t *Terminal) error {
	server, err := client.New(c.Config)
	if err != nil {
		return err
	}
	message, err := server.DeadMessage(ctx, c.Number)
	if err != nil {
		return err
	}
	text, err := deadText(message)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(t.Out, text)
	return err
}

// deadText is one message, for reading: a payload that is text line by line, any
// other as bytes.
func deadText(d client.Dead) (string, error) {
	var b strings.Builder
	row := func(name, value string) { fmt.Fprintf(&b, "%-9s %s\n", name, cmp.Or(client.Line(value), "-")) }
	row("Number", strconv.FormatUint(d.Sequence, 10))
	row("When", timeText(d.BuriedAt))
	row("Reason", d.Reason)
	row("Consumer", d.Consumer)
	row("Subject", d.Subject)
	row("Message", d.Message)
	row("Size", byteText(d.Size))
	payload, err := d.Payload()
	if err != nil {
		return "", fmt.Errorf("payload: %w", err)
	}
	b.WriteByte('\n')
	if d.Text == nil {
		b.WriteString(hex.Dump(payload))
	} else {
		for line := range strings.Lines(string(payload)) {
			b.WriteString(client.Line(line) + "\n")
		}
	}
	if d.Cut {
		fmt.Fprintf(&b, "… %d bytes of %d\n", len(payload), d.Size)
	}
	return b.String(), nil
}

// DeadDiscard is `usher dead discard`.
type DeadDiscard struct {
	client.Config
	Numbers []uint64 `arg:"" name:"number" help:"Numbers of the messages in the list."`
}

// Run removes the messages, one after the other, up to the first that cannot be.
func (c *DeadDiscard) Run(ctx context.Context, t *Terminal) error {
	server, err := client.New(c.Config)
	if err != nil {
		return err
	}
	for _, number := range c.Numbers {
		if err := server.DiscardDead(ctx, number); err != nil {
			return fmt.Errorf("message %d: %w", number, err)
		}
		if _, err := fmt.Fprintf(t.Out, "%d discarded\n", number); err != nil {
			return err
		}
	}
	return nil
}
