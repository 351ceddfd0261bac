package openevent

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"path"
	"strings"
	"time"

	"github.com/usher-events/usher/contracts"
)

// Writer writes one archive. It holds one record, and the zip's directory. The same calls
// write the same bytes, and entries stand in the order of the calls. After an error there
// is no archive. One goroutine uses it.
type Writer struct {
	zip      *zip.Writer
	deflater *deflater
	// media tells what the next entry is.
	media   bool
	entries int
	encoder encoder
	// TooLarge, if it is set, takes an issue for each record, and for the whole, that no
	// reader with the default limits takes. It is to be set before anything is written.
	TooLarge func(contracts.Issue)
}

// NewWriter returns a Writer that writes an archive to w, in a dialect.
func NewWriter(w io.Writer, d Dialect) *Writer {
	out := &Writer{zip: zip.NewWriter(w), encoder: encoder{dialect: d}}
	out.zip.RegisterCompressor(zip.Deflate, func(entry io.Writer) (io.WriteCloser, error) {
		if out.deflater == nil {
			var err error
			if out.deflater, err = newDeflater(); err != nil {
				return nil, err
			}
		}
		out.deflater.begin(entry, out.media)
		return out.deflater, nil
	})
	return out
}

// entryTime is when every entry was changed: the first time that a zip can tell.
var entryTime = time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC)

func (w *Writer) entry(name string, media bool) (io.Writer, error) {
	w.media = media
	w.entries++
	entry, err := w.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: entryTime})
	if err != nil {
		return nil, fmt.Errorf("write archive entry %q: %w", name, err)
	}
	return entry, nil
}

// WriteRecords writes a data file. Of each record only Value and Extra are looked at. A
// file that is Single has exactly one. An error of the records is returned as it is.
//
// What Records reads from the file are the same values, and the same Unknown, provided
// that they are such as Records yields. A key of Extra that the format knows, and so
// would be read as something else, is left out.
func WriteRecords[T any](w *Writer, f File[T], records iter.Seq2[Record[T], error]) error {
	entry, err := w.entry(f.Name, false)
	if err != nil {
		return err
	}
	e := &w.encoder
	e.out, e.indent, e.some = e.out[:0], 0, false
	if !f.Single {
		e.open('[')
	}
	n := 0
	for record, err := range records {
		if err != nil {
			return err
		}
		if n++; !f.Single {
			e.next()
		}
		if !fits(e, f.schema, record) && w.TooLarge != nil {
			w.TooLarge(contracts.Issue{
				Severity: contracts.Warning, Code: CodeWrittenTooLarge, File: f.Name, SourceID: record.ID,
				Message: fmt.Sprintf("The record is larger than %s or has more than %d values; an archive with it is not imported again",
					bytesText(int64(DefaultLimits().Record)), maxValues),
			})
		}
		if _, err := entry.Write(e.out); err != nil {
			return fmt.Errorf("write archive entry %q: %w", f.Name, err)
		}
		e.out = e.out[:0]
	}
	if f.Single && n != 1 {
		return fmt.Errorf("the file %q of an archive has one record, not %d", f.Name, n)
	}
	if !f.Single {
		e.end(']', false)
	}
	_, err = entry.Write(e.out)
	return err
}

// fits writes a record, without blanks where it is too large with them, and tells whether a
// reader takes it.
func fits[T any](e *encoder, s *schema, r Record[T]) bool {
	begin, some := len(e.out), e.some
	for _, e.compact = range []bool{false, true} {
		e.out, e.some, e.values = e.out[:begin], some, 0
		writeRecord(e, s, r)
		if len(e.out)-begin <= DefaultLimits().Record {
			break
		}
	}
	e.compact = false
	return len(e.out)-begin <= DefaultLimits().Record && e.values <= maxValues
}

// Meta writes the file that says which server an archive comes from. Nobody reads it but
// people, and in every dialect it has the same key.
func (w *Writer) Meta(rootURL string) error {
	entry, err := w.entry(metaName, false)
	if err != nil {
		return err
	}
	e := &w.encoder
	e.out, e.indent, e.some = e.out[:0], 0, false
	outside := e.open('{')
	e.key("root_url")
	e.quoted(rootURL)
	e.end('}', outside)
	_, err = entry.Write(e.out)
	return err
}

// Media begins a media file, whose name has no slash before it. What it returns takes the
// content until the next call of w. A name that the reader would not find, or take for
// that of a data file, is an error.
func (w *Writer) Media(name string) (io.Writer, error) {
	clean, ok := mediaPath(name)
	if !ok || clean != name || strings.HasPrefix(name, "/") || len(name) > maxName || !fs.ValidPath(name) || isJunk(name) ||
		path.Dir(name) == "." && dataName(name) != "" {
		return nil, errors.New("no name of a media file of an archive: " + cut(name))
	}
	return w.entry(name, true)
}

// Close ends the archive, but does not close what it is written to.
func (w *Writer) Close() error {
	if most := DefaultLimits().Entries; w.entries > most && w.TooLarge != nil {
		w.TooLarge(contracts.Issue{
			Severity: contracts.Warning, Code: CodeWrittenTooLarge,
			Message: fmt.Sprintf("The archive has %d files, more than %d; it is not imported again as it is", w.entries, most),
		})
	}
	return w.zip.Close()
}
