package files

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/services/media/internal/remote"
)

// What comes of an address at which there is something, but not what the field is
// for, or for which there was no room.
const (
	// CodePage: the address leads to a page, such as that of a film.
	CodePage = "media_remote_page"
	// CodeWebKind: what is there is no file of the field's kind.
	CodeWebKind = "media_remote_kind"
	// CodeLimit: the archive names more than is fetched for one import.
	CodeLimit = "media_remote_limit"
)

// fetchedAtOnce is how many files of an import are fetched at once: they may all be
// of one server.
const fetchedAtOnce = 4

// Web is where the files of addresses come from, and how much of it one import gets.
// The zero value of each number stands for its default.
type Web struct {
	Fetcher *remote.Fetcher
	// Addresses is how many different ones are asked: 1,000.
	Addresses int
	// Bytes is how much is fetched, kept or not: 4 GiB.
	Bytes int64
	// Time is how long all of it may take: 15 minutes. A worker is busy as long.
	Time time.Duration
}

func (w Web) withDefaults() Web {
	w.Addresses = cmp.Or(w.Addresses, 1000)
	w.Bytes = cmp.Or(w.Bytes, 4<<30)
	w.Time = cmp.Or(w.Time, 15*time.Minute)
	return w
}

// fetching is one run's fetching of files from the web.
type fetching struct {
	*storing
	web Web
	// within ends where the time of the import is over.
	within context.Context
	// bytes is how many may still come.
	bytes atomic.Int64
	// passed counts the addresses for which there was no room.
	passed atomic.Int64
}

// fetch stores the files of addresses, each once, and tells each use of them what has
// become of it. What cannot be had stays where it is, with a warning.
func (s *storing) fetch(ctx context.Context, named *places) error {
	f := &fetching{storing: s, web: named.web}
	f.bytes.Store(f.web.Bytes)
	f.passed.Store(int64(named.passed))
	s.progress(named.passed)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(fetchedAtOnce)
	within, cancel := context.WithTimeout(ctx, f.web.Time)
	defer cancel()
	f.within = within
	for _, p := range named.order {
		group.Go(func() error {
			err := f.fetchOne(ctx, p)
			s.progress(p.rows())
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if passed := f.passed.Load(); passed > 0 {
		s.run.Report(contracts.Issue{
			Severity: contracts.Warning, Code: CodeLimit,
			Message: fmt.Sprintf("Addresses of the web that stay as they are because there are too many, or their files too large: %d", passed),
			Hint:    fmt.Sprintf("For one import no more than %d files, %d MiB and %s are fetched", f.web.Addresses, f.web.Bytes>>20, f.web.Time),
		})
	}
	return nil
}

// errNoRoom ends a file that is more than the import gets.
var errNoRoom = errors.New("no more is fetched for this import")

// fetchOne stores the file of one address.
func (f *fetching) fetchOne(ctx context.Context, p *place) error {
	result, err := f.keep(ctx, p)
	reason, refused := errors.AsType[*remote.Error](err)
	switch {
	case err == nil:
		for _, u := range p.uses {
			if u.result = result; !u.fits(result.ContentType) {
				u.result = storedFile{State: onWeb}
				f.report(p, u.first, unfit(result.ContentType))
			}
		}
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, bucket.ErrUnavailable): // which says nothing of the address
		return err
	case f.within.Err() != nil, errors.Is(err, errNoRoom):
		f.passed.Add(1)
	case refused:
		f.report(p, p.first(), reason)
	default:
		return err
	}
	for _, u := range p.uses {
		u.result = storedFile{State: onWeb}
	}
	return nil
}

func (u *use) fits(contentType string) bool {
	return fits(openevent.MediaKind(u.first.Kind), contentType)
}

// keep stores what is at an address under the key of the first row that names it.
// The error is a *remote.Error where there is no such file.
func (f *fetching) keep(ctx context.Context, p *place) (storedFile, error) {
	key := f.key(p.first())
	// An earlier try may have fetched it, before it could write that down.
	if result, err := f.earlier(ctx, key); !errors.Is(err, bucket.ErrNotFound) {
		return result, err
	}
	file, err := f.web.Fetcher.Fetch(f.within, p.address)
	if err != nil {
		return storedFile{}, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	if file.Size > f.bytes.Load() {
		return storedFile{}, errNoRoom
	}
	contentType, content, err := typed(&counted{r: file, left: &f.bytes})
	if errors.Is(err, io.EOF) {
		return storedFile{}, remote.ErrEmpty
	}
	if err != nil {
		return storedFile{}, err
	}
	if !slices.ContainsFunc(p.uses, func(u *use) bool { return u.fits(contentType) }) {
		if isPage(file.Type) || isPage(contentType) {
			return storedFile{}, &remote.Error{Code: CodePage, Reason: "it leads to a page, not to a file"}
		}
		return storedFile{}, unfit(contentType)
	}
	return f.store(ctx, key, content, contentType)
}

// earlier tells of a file that is in the bucket already. It is not stored again: a
// redelivery would else begin with all that the tries before it have done.
func (f *fetching) earlier(ctx context.Context, key string) (storedFile, error) {
	blob, err := f.run.Bucket.ReaderAt(ctx, key)
	if err != nil {
		return storedFile{}, err
	}
	contentType, _, err := typed(io.NewSectionReader(blob, 0, blob.Size()))
	if err != nil {
		return storedFile{}, err
	}
	again, err := f.batch.Again(ctx, key)
	if err != nil {
		return storedFile{}, err
	}
	return storedAs(key, contentType, again), nil
}

func unfit(contentType string) *remote.Error {
	return &remote.Error{Code: CodeWebKind, Reason: "a file of the type " + contentType + " is not what the field is for"}
}

// counted takes what it reads off the bytes of the import.
type counted struct {
	r    io.Reader
	left *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.left.Add(-int64(n)) < 0 {
		return 0, errNoRoom
	}
	return n, err
}

// report tells why the address of a row stays what it is. Where others name it, too,
// once is enough.
func (f *fetching) report(p *place, row Row, why *remote.Error) {
	issue := row.issue(why.Code, fmt.Sprintf("'%s' stays the address %s: %s", row.Field, remote.Shown(p.address), why.Reason))
	if why.Code == CodePage {
		issue.Severity = contracts.Info
	}
	f.run.Report(issue)
}
