package client

import (
	"context"
	"io"
	"net/url"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/table"
)

// List is a list of users that is uploaded.
type List struct {
	// Name is what the list is called, for people.
	Name string
	// Size is how many bytes of Content are sent. Content must have as many.
	Size    int64
	Content io.Reader
	Format  table.Format
	// Mapping says what columns hold whose titles do not.
	Mapping map[string]string
	// Mode says what becomes of rows that are wrong.
	Mode contracts.Mode
	// OnConflict says what becomes of rows whose accounts there are already.
	OnConflict contracts.OnConflict
	// NoInvite leaves those uninvited who get an account without a password.
	NoInvite bool
	// Check has the list checked and nothing of it imported.
	Check bool
}

// query is what the list's options are in an address.
func (l List) query() string {
	query := make(url.Values)
	if l.Mode != contracts.DefaultMode {
		query.Set("mode", l.Mode.String())
	}
	if l.OnConflict != contracts.ConflictFails {
		query.Set("on_conflict", string(l.OnConflict))
	}
	if l.NoInvite {
		query.Set("invite", "false")
	}
	if l.Check {
		query.Set("dry_run", "true")
	}
	return query.Encode()
}

// ImportList uploads a list of users, as Import does an archive.
func (c *Client) ImportList(ctx context.Context, l List) (Accepted, error) {
	mediaType := "text/csv"
	if l.Format == table.XLSX {
		mediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return c.upload(ctx, file{
		path: "v1/users/import/" + string(l.Format), query: l.query(), mapping: l.Mapping, mediaType: mediaType,
		name: l.Name, size: l.Size, content: l.Content,
	})
}
