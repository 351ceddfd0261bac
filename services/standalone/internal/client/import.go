package client

import (
	"cmp"
	"context"
	"errors"
	"io"
	"net/url"

	"github.com/usher-events/usher/contracts"
)

// Archive is what is uploaded.
type Archive struct {
	// Name is what the archive is called, for people.
	Name string
	// Size is how many bytes of Content are sent. Content must have as many.
	Size    int64
	Content io.Reader
	// Publish shows the event to everybody as soon as it is imported.
	Publish bool
	// Mode says what becomes of input that is not as it should be.
	Mode contracts.Mode
	// FetchMedia brings in the files that the archive names by addresses of the web.
	FetchMedia bool
	// Check has the archive checked and nothing of it imported.
	Check bool
}

// query is what the archive's options are in an address.
func (a Archive) query() string {
	query := make(url.Values)
	if a.Publish {
		query.Set("publish", "true")
	}
	if a.Mode != contracts.DefaultMode {
		query.Set("mode", a.Mode.String())
	}
	if a.FetchMedia {
		query.Set("fetch_media", "true")
	}
	if a.Check {
		query.Set("dry_run", "true")
	}
	return query.Encode()
}

// Accepted is the answer to an upload, to the start of what was checked, or to the
// request of an export.
type Accepted struct {
	ID      string         `json:"id"`
	Kind    contracts.Kind `json:"kind"`
	TaskURL string         `json:"task_url"`
	Size    int64          `json:"size"`
	SHA256  string         `json:"sha256"`
	// EarlierImport is the id of an earlier import of the same bytes, if any.
	EarlierImport string `json:"earlier_import"`
}

// Import uploads an archive of JSON files in constant memory. When it returns
// without an error the import goes on by itself. Its errors are those of this
// package, ErrChanged, and the context's.
//
// The server knows the length before the first byte, so that it can refuse
// early. Content may be read until a moment after Import has returned.
func (c *Client) Import(ctx context.Context, a Archive) (Accepted, error) {
	return c.upload(ctx, file{
		path: "v1/events/import/json", query: a.query(), mediaType: "application/zip",
		name: a.Name, size: a.Size, content: a.Content,
	})
}

// accepted completes an answer, which must name an import.
func (c *Client) accepted(a Accepted) (Accepted, error) {
	if a.ID == "" {
		return Accepted{}, c.notUsher(errors.New("it accepts what was asked for and names no import"))
	}
	a.TaskURL = c.URL(cmp.Or(a.TaskURL, "/v1/tasks/"+a.ID))
	return a, nil
}
