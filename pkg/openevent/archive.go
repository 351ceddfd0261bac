package openevent

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"

	"github.com/usher-events/usher/contracts"
)

// Archive is an opened archive. It holds the zip's directory in memory and
// reads everything else when asked. It is safe for concurrent use if its
// io.ReaderAt is.
type Archive struct {
	// Mode says what becomes of records with errors; set it before reading any.
	// Only Lenient makes a difference here: such records are left out, with
	// warnings in the place of errors.
	Mode contracts.Mode
	// Fetched tells that media with addresses of the web are brought in as files
	// are, so that Check counts them.
	Fetched bool

	limits Limits
	size   int64
	// rebuilt is as Rebuild was told.
	rebuilt []contracts.EntityType
	// entries are the regular files by name.
	entries map[string]*entry
	// folder is where the data files are, with its slash; "" is the root.
	folder string
	// files are the data files by their names in this package, unread the other
	// entries that could be one of them.
	files  map[string]*entry
	unread []*entry
	// respelled finds media by other spellings; most archives never need it.
	respelled func() respellings
}

// entry is one file of the archive.
type entry struct {
	name string
	file *zip.File
	size int64
	// data tells that it is no media file.
	data bool
	// doubled tells that another entry before it has the same name.
	doubled bool
}

// Open reads the directory of the archive that r holds, size bytes long. It
// gives *Error where this is no archive that can be read within the limits,
// and any other error where r could not be read.
//
// An entry that stands twice is the last one of that name: unpacking tools
// write one over the other in this order, as the first importers did. Names
// that lead out of the archive ("../x", "/x"), folders, links and devices are
// passed over, and so is what no person has put there ("__MACOSX/x").
func Open(r io.ReaderAt, size int64, limits Limits) (*Archive, error) {
	a := &Archive{limits: limits.withDefaults(), size: size, entries: map[string]*entry{}}
	src := &source{r: r, size: size}
	if err := checkDirectory(src, size, a.limits.Entries); err != nil {
		return nil, openError(err)
	}
	zr, err := zip.NewReader(src, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, openError(err)
	}
	zr.RegisterDecompressor(zip.Deflate, inflate) // in half of the time of the standard one
	if len(zr.File) > a.limits.Entries {
		return nil, tooManyEntries(a.limits.Entries)
	}
	// Unpacked is compared with what the directory states, which archive/zip
	// holds each entry to. Packed they cannot be more than there is, unless the
	// same bytes are many entries' content.
	left, packed := uint64(a.limits.Unpacked), uint64(size)
	for _, f := range zr.File {
		name, ok := entryName(f)
		if f.Flags&flagEncrypted != 0 {
			if !ok {
				name = ""
			}
			return nil, &Error{Code: CodeEncrypted, Entry: name, Message: "The archive is protected by a password"}
		}
		if f.CompressedSize64 > packed {
			return nil, &Error{Code: CodeNotAZip, Message: "The files in the archive overlap, or it is damaged"}
		}
		packed -= f.CompressedSize64
		if f.UncompressedSize64 > left {
			return nil, &Error{Code: CodeUnpackedTooLarge, Message: "The archive unpacks to more than " + bytesText(a.limits.Unpacked)}
		}
		left -= f.UncompressedSize64
		if !ok || !f.Mode().IsRegular() || isJunk(name) {
			continue
		}
		_, doubled := a.entries[name]
		a.entries[name] = &entry{name: name, file: f, size: int64(f.UncompressedSize64), doubled: doubled}
	}
	a.locate()
	a.respelled = sync.OnceValue(a.respell)
	return a, nil
}

// flagEncrypted is the bit of a zip entry's flags that says it needs a password.
const flagEncrypted = 0x1

// openError tells what is wrong with the archive from what is wrong with its source.
func openError(err error) error {
	var wrong *Error
	switch {
	case errors.As(err, &wrong):
		return wrong
	case isSource(err):
		return fmt.Errorf("read the archive's directory: %w", err)
	default:
		return &Error{Code: CodeNotAZip, Message: "The file is not a zip archive, or it is damaged"}
	}
}

func tooManyEntries(limit int) *Error {
	return &Error{Code: CodeTooManyEntries, Message: fmt.Sprintf("The archive has more than %d entries", limit)}
}

// open unpacks an entry. The reader's errors are *Error or come from the source.
func (a *Archive) open(e *entry) (io.ReadCloser, error) {
	rc, err := e.file.Open()
	if err != nil {
		return nil, entryError(e.name, err)
	}
	// An entry cannot hold more packed bytes than there are, whatever it says.
	packed := min(e.file.CompressedSize64, uint64(a.size))
	most := max(a.limits.RatioFrom, int64(packed)*a.limits.Ratio)
	return &entryReader{rc: rc, name: e.name, left: most, limits: a.limits}, nil
}

// entryReader unpacks an entry within the limits and names what goes wrong.
type entryReader struct {
	rc     io.ReadCloser
	name   string
	left   int64
	limits Limits
}

// Read implements io.Reader.
func (e *entryReader) Read(p []byte) (int, error) {
	n, err := e.rc.Read(p)
	e.left -= int64(n)
	if e.left < 0 {
		return 0, &Error{Code: CodeCompressionRatio, Entry: e.name, Message: fmt.Sprintf("The file unpacks to more than %d times its size", e.limits.Ratio)}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = entryError(e.name, err)
	}
	return n, err
}

// Close implements io.Closer.
func (e *entryReader) Close() error { return e.rc.Close() }

// entryError tells a damaged entry from a source that could not be read.
func entryError(name string, err error) error {
	switch {
	case isSource(err):
		return fmt.Errorf("archive entry %q: %w", name, err)
	case errors.Is(err, zip.ErrAlgorithm):
		return &Error{Code: CodeUnsupportedCompression, Entry: name, Message: "The file is compressed by a method that is not supported; use Deflate"}
	default:
		return &Error{Code: CodeEntryDamaged, Entry: name, Message: "The file is damaged in the archive: " + err.Error()}
	}
}

// bytesText gives a number of bytes as people write it: "2 GiB".
func bytesText(n int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB"}
	v, u := float64(n), 0
	for v >= 1024 && u < len(units)-1 {
		v, u = v/1024, u+1
	}
	return strconv.FormatFloat(float64(int64(v*10+0.5))/10, 'f', -1, 64) + " " + units[u]
}
