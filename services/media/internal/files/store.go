package files

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/gabriel-vasile/mimetype"
	"github.com/uptrace/bun"
	"golang.org/x/sync/errgroup"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/stage"
)

const (
	// parallel is how many files of an import are on their way at once: the
	// bucket's answers are waited for, not computed.
	parallel = 8
	// sniffed is how many bytes the content type is told from.
	sniffed = 3072
	// recordedAtOnce bounds the statements that record what was stored.
	recordedAtOnce = 1000
)

// storedFile is what Store adds to a row.
type storedFile struct {
	bun.BaseModel `bun:"table:media.files,alias:f"`

	ID          int64  `bun:"id,pk"`
	State       string `bun:"state"`
	Blob        string `bun:"blob,nullzero"`
	ContentType string `bun:"content_type,nullzero"`
	Size        *int64 `bun:"size"`
	SHA256      string `bun:"sha256,nullzero"`
}

// Store brings the files of an import into the bucket that are not there yet. The
// key follows from the row, so a repetition overwrites the same blob with the same
// bytes. What an earlier attempt has found missing or damaged is looked at again:
// this attempt tells all that is wrong.
func Store(ctx context.Context, run *stage.Run) (stage.Record, error) {
	var rows []Row
	err := run.DB.NewSelect().Model(&rows).Where("import_id = ? AND state <> ?", run.ImportID, stored).Order("id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("files to be stored: %w", err)
	}
	total := run.Carried.Totals[contracts.MediaFiles]
	done := atomic.Int64{}
	done.Store(int64(max(0, total-len(rows)))) // what an earlier try has stored

	results := make([]storedFile, len(rows))
	batch := run.Bucket.Batch()
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, row := range rows {
		group.Go(func() error {
			result, err := storeOne(groupCtx, run, batch, row)
			results[i] = result
			run.Progress(contracts.MediaFiles, int(done.Add(1)))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	// Before any row says that its file is stored.
	if err := batch.Flush(); err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	return func(ctx context.Context, tx bun.Tx) error { return record(ctx, tx, results) }, nil
}

// storeOne stores one file. One that is damaged inside the archive is a
// warning, and the rest of the import goes on; a bucket that does not answer is
// an error, and the whole is tried again.
func storeOne(ctx context.Context, run *stage.Run, batch *bucket.Batch, row Row) (storedFile, error) {
	file, ok := run.Archive.Media(row.Path)
	if !ok {
		return storedFile{ID: row.ID, State: missing}, nil
	}
	var result storedFile
	err := bucket.Insist(ctx, func() (err error) {
		result, err = upload(ctx, batch, file, bucket.MediaKey(run.ImportID, strconv.FormatInt(row.ID, 10)))
		return err
	})
	if damaged, ok := errors.AsType[*openevent.Error](err); ok {
		if damaged.Code != openevent.CodeMediaTooLarge { // of which the check has told
			run.Report(contracts.Issue{
				Severity: contracts.Warning, Code: CodeUnreadable, File: file.Name,
				Message: "The file cannot be read from the archive: " + damaged.Message,
			})
		}
		return storedFile{ID: row.ID, State: missing}, nil
	}
	result.ID = row.ID
	return result, err
}

func upload(ctx context.Context, batch *bucket.Batch, file *openevent.MediaFile, key string) (storedFile, error) {
	r, err := file.Open()
	if err != nil {
		return storedFile{}, err
	}
	defer r.Close()
	buffered := bufio.NewReaderSize(r, sniffed)
	// Peek gives what there is of a shorter file; a real error comes again below.
	head, _ := buffered.Peek(sniffed)
	contentType := mimetype.Detect(head).String()
	blob, err := batch.Store(ctx, key, buffered, contentType)
	if err != nil {
		return storedFile{}, fmt.Errorf("media %q: %w", file.Name, err)
	}
	return storedFile{
		State: stored, Blob: key, ContentType: contentType, Size: &blob.Size, SHA256: blob.SHA256,
	}, nil
}

// record writes to the rows what became of their files.
func record(ctx context.Context, tx bun.Tx, files []storedFile) error {
	for some := range slices.Chunk(files, recordedAtOnce) {
		_, err := tx.NewUpdate().Model(&some).Column("state", "blob", "content_type", "size", "sha256").Bulk().Exec(ctx)
		if err != nil {
			return fmt.Errorf("stored files: %w", err)
		}
	}
	return nil
}
