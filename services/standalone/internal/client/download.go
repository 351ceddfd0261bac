package client

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/usher-events/usher/contracts"
)

// ErrOtherFile tells that what came is not what the task tells of.
var ErrOtherFile = errors.New("what came is not the archive that was exported")

// errStalled ends a transfer that has come to a halt.
var errStalled = errors.New("nothing came any more")

// Download writes the archive of an export to w, which gets each byte once. A transfer
// that breaks off goes on where it was, as pace says; its patience is for how long nothing
// comes. Without an error all has come, of the size and the SHA-256 that the task's result
// tells; with one, a part of it may have been written. Errors of w are returned as they are.
//
// Usher may lead to a store that gives the file to whoever knows the address. The store
// does not get the token.
func (c *Client) Download(ctx context.Context, id string, archive contracts.Exported, pace Pace, w io.Writer) error {
	d := &download{
		client: c, address: c.base.JoinPath("v1/exports", url.PathEscape(id)),
		size: archive.Size, w: w, sum: sha256.New(), patience: min(answerTimeout, pace.Patience),
	}
	for d.received < d.size {
		before := d.received
		if err := Persist(ctx, pace, func() error {
			err := d.part(ctx)
			if d.received > before && temporary(err) {
				return nil // the patience begins anew
			}
			return err
		}); err != nil {
			return err
		}
	}
	if hex.EncodeToString(d.sum.Sum(nil)) != archive.SHA256 {
		return fmt.Errorf("%w: its SHA-256 is another one", ErrOtherFile)
	}
	return nil
}

// download is a file on its way.
type download struct {
	client         *Client
	address        *url.URL
	size, received int64
	// tag is the strong ETag of who gives the file, empty where it has none.
	tag string
	// again is how much of the answer was received before.
	again int64

	w   io.Writer
	sum hash.Hash
	// failed is what w says.
	failed error

	// patience is how long nothing may come until alive ends the transfer.
	patience time.Duration
	alive    *time.Timer
}

// part asks for what is missing and takes what comes of it.
func (d *download) part(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	d.alive = time.AfterFunc(d.patience, func() { cancel(errStalled) })
	defer d.alive.Stop()
	answer, server, err := d.open(ctx)
	switch {
	case err != nil && errors.Is(context.Cause(ctx), errStalled):
		return d.broken(d.client.base.String(), errStalled)
	case err != nil:
		return err
	}
	defer answer.Body.Close()
	if err := d.fits(answer); err != nil {
		return err
	}
	_, err = io.Copy(d, io.LimitReader(answer.Body, d.again+d.size-d.received+1))
	switch {
	case d.failed != nil:
		return d.failed
	case d.received > d.size:
		return fmt.Errorf("%w: it is longer", ErrOtherFile)
	case d.received < d.size:
		return d.broken(server, cmp.Or(context.Cause(ctx), err, io.ErrUnexpectedEOF))
	}
	return nil
}

func (d *download) broken(server string, err error) error {
	return &BrokenDownloadError{Server: server, Received: d.received, Size: d.size, Err: err}
}

// open returns an answer that has the file, or its end, and who gives it.
func (d *download) open(ctx context.Context) (answer *http.Response, server string, err error) {
	r, err := d.request(ctx, d.address)
	if err != nil {
		return nil, "", err
	}
	answer, err = d.client.ask(r)
	switch {
	case err != nil:
		return nil, "", err
	case hasFile(answer):
		return answer, d.client.base.String(), nil
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusTemporaryRedirect {
		return nil, "", d.client.refusal(answer)
	}
	link, err := answer.Location()
	if err != nil || link.Scheme != "http" && link.Scheme != "https" || link.Host == "" {
		return nil, "", d.client.notUsher(errors.New("it leads to no address"))
	}
	return d.openAtStore(ctx, link)
}

// openAtStore is open at the address that Usher has led to. It is asked for anew each
// time, for it does not work for long.
func (d *download) openAtStore(ctx context.Context, link *url.URL) (answer *http.Response, store string, err error) {
	store = link.Scheme + "://" + link.Host
	r, err := d.request(ctx, link)
	if err != nil {
		return nil, "", &StoreError{Store: store, Err: withoutURL(err)}
	}
	r.Header.Set("User-Agent", userAgent)
	answer, err = d.client.http.Do(r)
	if err != nil {
		return nil, "", &StoreError{Store: store, Err: withoutURL(err)}
	}
	if !hasFile(answer) {
		defer answer.Body.Close()
		return nil, "", &StoreError{Store: store, Status: answer.StatusCode}
	}
	return answer, store, nil
}

// request asks for what is missing where it is known of which file, else for all.
func (d *download) request(ctx context.Context, address *url.URL) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/zip, application/problem+json")
	r.Header.Set("Accept-Encoding", "identity") // the bytes that are counted
	if d.received > 0 && d.tag != "" {
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", d.received))
		r.Header.Set("If-Range", d.tag)
	}
	return r, nil
}

func hasFile(answer *http.Response) bool {
	return answer.StatusCode == http.StatusOK || answer.StatusCode == http.StatusPartialContent
}

// fits tells, before anything of it is taken, whether an answer can be what is missing.
func (d *download) fits(answer *http.Response) error {
	d.again = 0
	if answer.StatusCode == http.StatusPartialContent {
		var first, last, size int64
		if _, err := fmt.Sscanf(answer.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &size); err != nil ||
			first != d.received || size != d.size {
			return fmt.Errorf("%w: it is not the part that was asked for", ErrOtherFile)
		}
		return nil
	}
	if answer.ContentLength >= 0 && answer.ContentLength != d.size {
		return fmt.Errorf("%w: it has %d bytes and not %d", ErrOtherFile, answer.ContentLength, d.size)
	}
	d.again = d.received
	d.tag = answer.Header.Get("Etag")
	if strings.HasPrefix(d.tag, "W/") {
		d.tag = ""
	}
	return nil
}

// Write implements io.Writer: it takes what comes, but for what was received before.
func (d *download) Write(p []byte) (int, error) {
	d.alive.Stop() // w may take its time
	defer d.alive.Reset(d.patience)
	again := int(min(d.again, int64(len(p))))
	d.again -= int64(again)
	n, err := d.w.Write(p[again:])
	d.sum.Write(p[again : again+n])
	d.received += int64(n)
	d.failed = err
	return again + n, err
}
