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
	"sync/atomic"
)

// ErrChanged tells that a file became shorter while it was uploaded.
var ErrChanged = errors.New("the file changed while it was uploaded")

// file is an upload: where it goes, what goes before it, and what it is.
type file struct {
	path, query string
	// mapping is the part before the file, nil where there is none.
	mapping   map[string]string
	mediaType string
	name      string
	size      int64
	content   io.Reader
}

// upload sends a file.
func (c *Client) upload(ctx context.Context, f file) (Accepted, error) {
	var frame bytes.Buffer
	form := multipart.NewWriter(&frame)
	if f.mapping != nil {
		mapping, err := json.Marshal(f.mapping)
		if err != nil {
			return Accepted{}, err
		}
		if err := form.WriteField("mapping", string(mapping)); err != nil {
			return Accepted{}, err
		}
	}
	if _, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition("file", f.name)},
		"Content-Type":        {f.mediaType},
	}); err != nil {
		return Accepted{}, err
	}
	head := frame.Len()
	if err := form.Close(); err != nil {
		return Accepted{}, err
	}
	content := &counted{r: f.content, size: f.size}
	body := io.MultiReader(bytes.NewReader(frame.Bytes()[:head]), content, bytes.NewReader(frame.Bytes()[head:]))

	address := c.base.JoinPath(f.path)
	address.RawQuery = f.query
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), body)
	if err != nil {
		return Accepted{}, err
	}
	r.ContentLength = int64(frame.Len()) + f.size
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
