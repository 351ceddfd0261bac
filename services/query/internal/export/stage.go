package export

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/stage"
)

// usualUpload is how large an upload may be where nobody has set USHER_MAX_UPLOAD.
const usualUpload = 1 << 30

// contentType is that of an archive.
const contentType = "application/zip"

// Row is a row of query.exports: the archive that an export has come to.
type Row struct {
	bun.BaseModel `bun:"table:query.exports,alias:x"`

	ImportID  string `bun:"import_id,pk,type:uuid"`
	Attempt   int
	Blob      string
	FileName  string
	Size      int64
	SHA256    string `bun:"sha256"`
	ExpiresAt time.Time
	// AsAdministrator says that the archive is for who has asked for it only as long as
	// they are an administrator.
	AsAdministrator bool
}

// Stage is the stage of exports. publicURL is where the event's files are served, and what
// the archive says that it comes from.
func Stage(publicURL string) stage.Stage {
	return stage.Stage{
		Kind: contracts.EventExport,
		Name: contracts.Query,
		Effects: func(ctx context.Context, run *stage.Run) (stage.Record, error) {
			return store(ctx, run, strings.TrimSuffix(publicURL, "/"))
		},
		After:          removeOthers,
		Discard:        discard,
		DiscardEffects: discardEffects,
	}
}

// store writes the archive to the bucket while it is being made. Each try has a blob of
// its own, so that a run that was stopped and wakes up does not write into the one that
// another has recorded.
func store(ctx context.Context, run *stage.Run, publicURL string) (stage.Record, error) {
	if run.Carried.Export == nil {
		return nil, stage.Permanent(codeGone, "It is not known which event was to be exported.")
	}
	key := bucket.ExportKey(run.ImportID, run.Attempt, uuid.NewString(), run.Carried.FileName)
	var refused refusals
	var blob bucket.Stored
	err := through(ctx, func(ctx context.Context, to io.Writer) (err error) {
		refused, err = writeTo(ctx, run, publicURL, to)
		return err
	}, func(from io.Reader) (err error) {
		blob, err = run.Bucket.Store(ctx, key, from, contentType)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("archive: %w", err)
	}
	if blob.Size > usualUpload {
		run.Report(contracts.Issue{
			Severity: contracts.Warning, Code: openevent.CodeWrittenTooLarge,
			Message: "The archive is larger than 1 GiB; an Usher takes no more in one upload unless it is set up to",
		})
	}
	row := Row{
		ImportID: run.ImportID, Attempt: run.Attempt, Blob: key, FileName: run.Carried.FileName,
		Size: blob.Size, SHA256: blob.SHA256, ExpiresAt: time.Now().UTC().Add(contracts.ExportKept).Truncate(time.Second),
		AsAdministrator: run.Carried.Export.AsAdministrator,
	}
	run.Carried.Exported = &contracts.Exported{
		Size: row.Size, SHA256: row.SHA256, ExpiresAt: row.ExpiresAt,
		RefusedByV1: refused.n, FirstRefused: refused.first,
	}
	return row.record, nil
}

func writeTo(ctx context.Context, run *stage.Run, publicURL string, to io.Writer) (refusals, error) {
	out := bufio.NewWriterSize(to, piece)
	refused, err := write(ctx, run, publicURL, out)
	if err == nil {
		err = out.Flush()
	}
	return refused, err
}

func (row Row) record(ctx context.Context, tx bun.Tx) error {
	_, err := tx.NewInsert().Model(&row).On("CONFLICT (import_id) DO UPDATE").
		Set("attempt = excluded.attempt, blob = excluded.blob, file_name = excluded.file_name, size = excluded.size, sha256 = excluded.sha256, expires_at = excluded.expires_at, as_administrator = excluded.as_administrator").
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

// removeOthers removes the blobs of tries that came to nothing: those of this attempt and
// of earlier ones, of which none can be recorded any more. What a newer attempt is
// writing stays, and so does what an earlier one has come to where this one has failed. It
// may be repeated; what it leaves is swept.
func removeOthers(ctx context.Context, run *stage.Run, _ contracts.Payload) error {
	var row Row
	err := run.DB.NewSelect().Model(&row).Where("import_id = ?", run.ImportID).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) { // without a row there is no archive to keep
		return fmt.Errorf("export: %w", err)
	}
	for listed, err := range run.Bucket.Below(ctx, bucket.Exports+run.ImportID+"/") {
		if err != nil {
			return err
		}
		if listed.Key == row.Blob || bucket.ExportAttempt(listed.Key) > run.Attempt {
			continue
		}
		if err := run.Bucket.Delete(ctx, listed.Key); err != nil {
			return err
		}
	}
	return nil
}

func discard(ctx context.Context, tx bun.Tx, importID string) error {
	if _, err := tx.NewDelete().Model((*Row)(nil)).Where("import_id = ?", importID).Exec(ctx); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

func discardEffects(ctx context.Context, res stage.Resources, importID string) error {
	return res.Bucket.DeleteBelow(ctx, bucket.Exports+importID+"/")
}
