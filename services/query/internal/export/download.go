package export

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/query/internal/files"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// linkLasts is how long an address of the store is good, to begin with the download.
const linkLasts = 15 * time.Minute

var (
	errNotReady = problem.New(http.StatusConflict, "export_not_ready",
		"The export has not come to an archive; its task tells how it stands.")
	errExpired = problem.New(http.StatusGone, "export_expired",
		"The archive is not kept any more; export the event again.")
)

// Downloads answers GET /v1/exports/{id}. It is safe for concurrent use.
type Downloads struct {
	DB     *bun.DB
	Bucket *bucket.Bucket
	// Find returns the export, where who may see it.
	Find func(ctx context.Context, id string, who auth.Identity) (projection.Import, error)
}

// Send answers with the archive, or with where the store itself gives it out.
func (d Downloads) Send(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	i, err := d.Find(r.Context(), r.PathValue("id"), who)
	switch {
	case err != nil:
		return err
	case i.Kind != contracts.EventExport:
		return jsonapi.NotFound()
	case i.State.TakenBack():
		return errExpired
	}
	// What an attempt has come to stands until another one has come to something.
	var row Row
	err = d.DB.NewSelect().Model(&row).Where("import_id = ?", i.ID).Scan(r.Context())
	if errors.Is(err, sql.ErrNoRows) || err == nil && i.Attempt <= row.Attempt && !i.State.Final() {
		return errNotReady // it has not ended, and may still be taken back
	}
	if err != nil {
		return fmt.Errorf("export %s: %w", i.ID, err)
	}
	if row.AsAdministrator && !who.Admin { // who was one when they asked
		return service.ErrAdminOnly
	}
	if time.Now().After(row.ExpiresAt) {
		return errExpired
	}
	header := w.Header()
	header.Set("Cache-Control", "private, no-store")
	if r.Method == http.MethodGet {
		link, err := d.Bucket.Link(r.Context(), row.Blob, linkLasts)
		if err != nil {
			return err
		}
		if link != "" {
			header.Set("Location", link)
			w.WriteHeader(http.StatusTemporaryRedirect)
			return nil
		}
	}
	blob, err := d.Bucket.OpenBlob(r.Context(), row.Blob)
	if errors.Is(err, bucket.ErrNotFound) {
		return errExpired
	}
	if err != nil {
		return err
	}
	defer blob.Close() //nolint:errcheck // it was only read
	header.Set("Content-Type", contentType)
	header.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": row.FileName}))
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Etag", `"`+row.SHA256+`"`)
	files.Send(w, r, blob)
	return nil
}
