package command

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

// List is `usher list`.
type List struct {
	client.Config
	Selection
	Limit int `help:"How many to list at most." default:"20" placeholder:"N"`
}

// Run prints the caller's imports and exports, for administrators those of everybody, the newest first.
func (c *List) Run(ctx context.Context, t *Terminal) error {
	if c.Limit < 1 {
		return fmt.Errorf("the limit is %d, it must be at least 1", c.Limit)
	}
	filter, err := c.filter()
	if err != nil {
		return err
	}
	server, err := client.New(c.Config)
	if err != nil {
		return err
	}
	imports, err := server.Imports(ctx, filter, c.Limit)
	if err != nil {
		return err
	}
	_, err = io.WriteString(t.Out, listText(imports, c.Selection != Selection{}))
	return err
}

// listText is the table. File names come last: they are of any length and script.
func listText(imports []client.Import, selected bool) string {
	if len(imports) == 0 && selected {
		return "There are no such imports.\n"
	}
	if len(imports) == 0 {
		return "There are no imports.\n"
	}
	var b strings.Builder
	table := newTable(&b, "ID", "STATE", "KIND", "STAGE", "WHEN", "EVENT", "CODE", "FILE")
	for _, i := range imports {
		when := ""
		if at := cmp.Or(i.CreatedAt, i.StartedAt); at != nil {
			when = at.Local().Format("2006-01-02 15:04")
		}
		code := ""
		if i.Error != nil {
			code = i.Error.Code
		}
		table.row(i.ID, string(i.State), string(i.Kind), string(i.Stage), when, i.EventID, code, i.FileName)
	}
	_ = table.flush() // a strings.Builder takes everything
	return b.String()
}
