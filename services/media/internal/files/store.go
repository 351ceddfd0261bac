package files

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
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
	// readAtOnce bounds the rows that are held with what they say.
	readAtOnce = 100
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

// storing is one run's storing of files. It is safe for concurrent use.
type storing struct {
	run   *stage.Run
	batch *bucket.Batch
	done  atomic.Int64
}

// Store brings the files of an import into the bucket that are not there yet: those
// of the archive, then those of the web. The key follows from the row, so a repetition
// overwrites the same blob with the same bytes. What an earlier attempt has found
// missing, damaged or odd is looked at again: this attempt tells all that is wrong.
func Store(web Web) func(context.Context, *stage.Run) (stage.Record, error) {
	return func(ctx context.Context, run *stage.Run) (stage.Record, error) {
		s := &storing{run: run, batch: run.Bucket.Batch()}
		var results []storedFile
		named := newPlaces(web)
		for rows, err := range s.rows(ctx) {
			if err != nil {
				return nil, err
			}
			unpacked, err := s.unpack(ctx, named.take(s.unstored(rows)))
			if err != nil {
				return nil, err
			}
			results = append(results, unpacked...)
		}
		if err := s.fetch(ctx, named); err != nil {
			return nil, err
		}
		// Before any row says that its file is stored.
		if err := s.batch.Flush(); err != nil {
			return nil, fmt.Errorf("media: %w", err)
		}
		return func(ctx context.Context, tx bun.Tx) error {
			if err := record(ctx, tx, slices.Values(results)); err != nil {
				return err
			}
			if err := record(ctx, tx, named.results()); err != nil {
				return err
			}
			if named.passed == 0 {
				return nil
			}
			return passOver(ctx, tx, run.ImportID)
		}, nil
	}
}

// rows gives the rows of the import, some at a time: what a record says may be long, and
// all of it together more than there is memory.
func (s *storing) rows(ctx context.Context) iter.Seq2[[]Row, error] {
	return func(yield func([]Row, error) bool) {
		after := int64(0)
		for {
			var rows []Row
			err := s.run.DB.NewSelect().Model(&rows).Where("import_id = ? AND id > ?", s.run.ImportID, after).
				Order("id").Limit(readAtOnce).Scan(ctx)
			if err != nil {
				yield(nil, fmt.Errorf("files to be stored: %w", err))
				return
			}
			if len(rows) == 0 {
				return
			}
			after = rows[len(rows)-1].ID
			if !yield(rows, nil) {
				return
			}
		}
	}
}

// unstored leaves those rows whose files are not there yet. Of the others it tells again
// what an earlier attempt has told.
func (s *storing) unstored(rows []Row) []Row {
	return slices.DeleteFunc(rows, func(row Row) bool {
		if row.State != stored {
			return false
		}
		s.tell(row)
		s.progress(1)
		return true
	})
}

// tell reports a row whose file is not what its field is for.
func (s *storing) tell(row Row) {
	if what := misfit(row); what != "" {
		issue := row.issue(CodeKind, what)
		issue.Value = strings.ToValidUTF8(row.Path[:min(len(row.Path), contracts.MaxIssueValue)], "")
		s.run.Report(issue)
	}
}

// progress tells that n more rows are done.
func (s *storing) progress(n int) {
	s.run.Progress(contracts.MediaFiles, int(s.done.Add(int64(n))))
}

// unpack stores files of the archive.
func (s *storing) unpack(ctx context.Context, rows []Row) ([]storedFile, error) {
	results := make([]storedFile, len(rows))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for i, row := range rows {
		group.Go(func() error {
			result, err := s.unpackOne(ctx, row)
			results[i] = result
			s.progress(1)
			return err
		})
	}
	return results, group.Wait()
}

// unpackOne stores one file. One that is damaged inside the archive is a
// warning, and the rest of the import goes on; a bucket that does not answer is
// an error, and the whole is tried again.
func (s *storing) unpackOne(ctx context.Context, row Row) (storedFile, error) {
	file, ok := s.run.Archive.Media(row.Path)
	if !ok {
		return storedFile{ID: row.ID, State: missing}, nil
	}
	var result storedFile
	err := bucket.Insist(ctx, func() (err error) {
		result, err = s.upload(ctx, file, s.key(row))
		return err
	})
	if damaged, ok := errors.AsType[*openevent.Error](err); ok {
		if damaged.Code != openevent.CodeMediaTooLarge { // of which the check has told
			s.run.Report(contracts.Issue{
				Severity: contracts.Warning, Code: CodeUnreadable, File: file.Name,
				Message: "The file cannot be read from the archive: " + damaged.Message,
			})
		}
		return storedFile{ID: row.ID, State: missing}, nil
	}
	if err != nil {
		return storedFile{}, fmt.Errorf("media %q: %w", file.Name, err)
	}
	row.ContentType, row.Size = result.ContentType, result.Size
	s.tell(row)
	result.ID = row.ID
	return result, nil
}

func (s *storing) upload(ctx context.Context, file *openevent.MediaFile, key string) (storedFile, error) {
	r, err := file.Open()
	if err != nil {
		return storedFile{}, err
	}
	defer r.Close()
	// A real error of the first bytes comes again with the rest.
	contentType, content, _ := typed(r)
	return s.store(ctx, key, content, contentType)
}

// key is where the file of a row lies in the bucket.
func (s *storing) key(row Row) string {
	return bucket.MediaKey(s.run.ImportID, strconv.FormatInt(row.ID, 10))
}

// typed tells a content type from the first bytes of r, which the content that it
// returns begins with all the same. An empty r gives io.EOF.
func typed(r io.Reader) (contentType string, content *bufio.Reader, err error) {
	content = bufio.NewReaderSize(r, sniffed)
	head, err := content.Peek(sniffed)
	if len(head) > 0 && errors.Is(err, io.EOF) { // a shorter file
		err = nil
	}
	return mimetype.Detect(head).String(), content, err
}

func (s *storing) store(ctx context.Context, key string, r io.Reader, contentType string) (storedFile, error) {
	blob, err := s.batch.Store(ctx, key, r, contentType)
	if err != nil {
		return storedFile{}, err
	}
	return storedAs(key, contentType, blob), nil
}

func storedAs(key, contentType string, blob bucket.Stored) storedFile {
	return storedFile{State: stored, Blob: key, ContentType: contentType, Size: &blob.Size, SHA256: blob.SHA256}
}

// record writes to the rows what became of their files.
func record(ctx context.Context, tx bun.Tx, files iter.Seq[storedFile]) error {
	some := make([]storedFile, 0, recordedAtOnce)
	write := func() error {
		_, err := tx.NewUpdate().Model(&some).Column("state", "blob", "content_type", "size", "sha256").Bulk().Exec(ctx)
		if err != nil {
			return fmt.Errorf("stored files: %w", err)
		}
		some = some[:0]
		return nil
	}
	for file := range files {
		if some = append(some, file); len(some) == recordedAtOnce {
			if err := write(); err != nil {
				return err
			}
		}
	}
	if len(some) == 0 {
		return nil
	}
	return write()
}

// passOver writes to the rows that are left when all others are recorded that their
// files stay on the web: they name an address too many.
func passOver(ctx context.Context, tx bun.Tx, importID string) error {
	_, err := tx.NewUpdate().Model((*Row)(nil)).Set("state = ?", onWeb).Where("import_id = ? AND state = ?", importID, pending).Exec(ctx)
	if err != nil {
		return fmt.Errorf("files that stay on the web: %w", err)
	}
	return nil
}
