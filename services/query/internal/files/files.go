// Package files serves the media of events: the files as they were in the
// archive, and smaller copies of the pictures.
package files

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/query/internal/api"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// original is the variant that is the file itself.
const original = "original"

// How long a link to the store is good, and how long a redirect to it is used:
// whoever follows it at the last moment has the difference left to begin.
const (
	linkLasts     = 15 * time.Minute
	redirectLasts = "private, max-age=300"
)

// Files serves media.
type Files struct {
	api    api.API
	bucket *bucket.Bucket
	copies *copies
}

// New returns what serves the media that the API knows from a bucket.
func New(a api.API, b *bucket.Bucket, log *slog.Logger) *Files {
	return &Files{api: a, bucket: b, copies: newCopies(b, log)}
}

// content is what one request is answered with.
type content struct {
	io.ReadSeekCloser
	contentType string
	tag         string
}

// Media answers with the bytes of one file, or of a smaller copy of it.
func (f *Files) Media(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	media, err := f.api.FindMedia(r.Context(), who, r.PathValue("event"), r.PathValue("media"))
	if err != nil {
		return err
	}
	variant := r.PathValue("variant")
	if variant == original && r.Method == http.MethodGet && leavesOrigin(media.ContentType) {
		link, err := f.bucket.Link(r.Context(), media.Blob, linkLasts)
		if err != nil {
			return err
		}
		if link != "" {
			w.Header().Set("Location", link)
			w.Header().Set("Cache-Control", redirectLasts)
			w.Header().Add("Vary", "Authorization, Cookie")
			w.WriteHeader(http.StatusTemporaryRedirect)
			return nil
		}
	}
	c, err := f.open(r, media, variant)
	if errors.Is(err, bucket.ErrNotFound) { // its import is being taken back
		return jsonapi.NotFound()
	}
	if err != nil {
		return err
	}
	defer c.Close()
	describe(w.Header(), media, c, who == auth.Identity{})
	Send(w, r, c)
	return nil
}

// Send answers with content whose headers are set, or the ranges of it that are asked for.
func Send(w http.ResponseWriter, r *http.Request, content io.ReadSeeker) {
	http.ServeContent(&refusing{ResponseWriter: w}, r, "", time.Time{}, content)
}

// open opens the file of a variant.
func (f *Files) open(r *http.Request, media api.Media, variant string) (content, error) {
	if variant == original {
		blob, err := f.bucket.OpenBlob(r.Context(), media.Blob)
		return content{blob, media.ContentType, media.SHA256}, err
	}
	width, ok := widthOf(media, variant)
	if !ok {
		return content{}, noSuchVariant()
	}
	return f.copies.open(r.Context(), media, width)
}

func noSuchVariant() error {
	return problem.New(http.StatusNotFound, "no_such_variant", "There is no such variant of this file.")
}

// refusing turns what http.ServeContent refuses in plain text into problems.
type refusing struct {
	http.ResponseWriter
	refused bool
}

func (w *refusing) WriteHeader(status int) {
	var p *problem.Problem
	switch status {
	case http.StatusRequestedRangeNotSatisfiable:
		p = problem.New(status, "range_not_satisfiable", "The file has no such range.")
	case http.StatusPreconditionFailed:
		p = problem.New(status, "precondition_failed", "The file is another one than the request is for.")
	default:
		w.ResponseWriter.WriteHeader(status)
		return
	}
	w.refused = true
	problem.Write(w.ResponseWriter, p)
}

func (w *refusing) Write(p []byte) (int, error) {
	if w.refused {
		return len(p), nil
	}
	return w.ResponseWriter.Write(p)
}
