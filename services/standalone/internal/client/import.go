package client

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"sync/atomic"

	"github.com/usher-events/usher/contracts"
)

// ErrChanged tells that an archive became shorter while it was uploaded.
var ErrChanged = errors.New("the archive changed while it was uploaded")

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

// Accepted is the answer to an upload, or to the start of what was checked.
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
	var frame bytes.Buffer
	form := multipart.NewWriter(&frame)
	if _, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition("file", a.Name)},
		"Content-Type":        {"application/zip"},
	}); err != nil {
		return Accepted{}, err
	}
	head := frame.Len()
	if err := form.Close(); err != nil {
		return Accepted{}, err
	}
	content := &counted{r: a.Content, size: a.Size}
	body := io.MultiReader(bytes.NewReader(frame.Bytes()[:head]), content, bytes.NewReader(frame.Bytes()[head:]))

	address := c.base.JoinPath("v1/events/import/json")
	address.RawQuery = a.query()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), body)
	if err != nil {
		return Accepted{}, err
	}
	r.ContentLength = int64(frame.Len()) + a.Size
	r.Header.Set("Content-Type", form.FormDataContentType())
	// No "Expect: 100-continue": Go's server cuts such a connection at once when
	// it refuses in the middle, and the refusal is lost. Without it it waits
	// until the refusal has arrived.

	answer, err := c.send(r)
	if err != nil {
		return Accepted{}, c.uploadError(ctx, content, err)
	}
	defer answer.Body.Close()
	var accepted Accepted
	if err := json.NewDecoder(io.LimitReader(answer.Body, maxAnswer)).Decode(&accepted); err != nil {
		return Accepted{}, c.uploadError(ctx, content, c.notUsher(err))
	}
	return c.accepted(accepted)
}

// accepted completes an answer, which must name an import.
func (c *Client) accepted(a Accepted) (Accepted, error) {
	if a.ID == "" {
		return Accepted{}, c.notUsher(errors.New("it accepts the archive and names no import"))
	}
	a.TaskURL = c.URL(cmp.Or(a.TaskURL, "/v1/tasks/"+a.ID))
	return a, nil
}

// uploadError tells an upload that was cut from a server that is not there.
func (c *Client) uploadError(ctx context.Context, content *counted, err error) error {
	sent := content.sent.Load()
	unreachable := (*UnreachableError)(nil)
	switch {
	case errors.Is(err, ErrChanged):
		return ErrChanged
	case !errors.As(err, &unreachable):
		return err
	case sent == 0 && content.size > 0:
		return cmp.Or(ctx.Err(), err)
	}
	return &BrokenUploadError{
		Server: unreachable.Server, Sent: sent, Size: content.size,
		Err: cmp.Or(ctx.Err(), unreachable.Err),
	}
}

// counted reads exactly size bytes and counts them. The count may be asked for
// at any time.
type counted struct {
	r    io.Reader
	size int64
	sent atomic.Int64
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	left := c.size - c.sent.Load()
	if left <= 0 {
		return 0, io.EOF
	}
	n, err := c.r.Read(p[:min(int64(len(p)), left)])
	c.sent.Add(int64(n))
	if errors.Is(err, io.EOF) && int64(n) < left {
		return n, ErrChanged
	}
	return n, err
}
