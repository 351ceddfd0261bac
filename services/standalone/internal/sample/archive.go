package sample

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// written is the time of every entry: a clock would make two archives of one
// config differ.
var written = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// archive writes the entries of a zip file one after another. The first error
// stays and makes everything after it do nothing; close returns it.
type archive struct {
	zip *zip.Writer
	buf bytes.Buffer
	err error
}

func newArchive(w io.Writer) *archive {
	z := zip.NewWriter(w)
	// A sample is made more often than it is sent far: speed before size.
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestSpeed)
	})
	return &archive{zip: z}
}

// entry begins a new entry. It returns nil once an error stands.
func (a *archive) entry(name string, method uint16) io.Writer {
	if a.err != nil {
		return nil
	}
	w, err := a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: written})
	if err != nil {
		a.err = fmt.Errorf("entry %q: %w", name, err)
		return nil
	}
	return w
}

// object writes an entry that is one JSON object.
func (a *archive) object(name string, v any) {
	if w := a.entry(name, zip.Deflate); w != nil {
		a.write(w, name, a.json(name, "", v))
	}
}

// list writes an entry that is a JSON array of n records, of which record
// gives the one at an index.
func list[T any](a *archive, name string, n int, record func(i int) T) {
	w := a.entry(name, zip.Deflate)
	if w == nil {
		return
	}
	a.write(w, name, []byte("["))
	for i := 0; i < n && a.err == nil; i++ {
		separator := ",\n    "
		if i == 0 {
			separator = "\n    "
		}
		a.write(w, name, []byte(separator))
		a.write(w, name, a.json(name, "    ", record(i)))
	}
	a.write(w, name, []byte("\n]"))
}

// file writes a media entry. Path is what records say: a slash and the entry's name.
func (a *archive) file(path string, content []byte) {
	name := strings.TrimPrefix(path, "/")
	if w := a.entry(name, zip.Store); w != nil {
		a.write(w, name, content)
	}
}

func (a *archive) write(w io.Writer, name string, b []byte) {
	if a.err != nil {
		return
	}
	if _, err := w.Write(b); err != nil {
		a.err = fmt.Errorf("entry %q: %w", name, err)
	}
}

// json encodes v as the format's exporters do: indented by four, nothing
// escaped that need not be. The result is valid until the next call.
func (a *archive) json(name, prefix string, v any) []byte {
	a.buf.Reset()
	enc := json.NewEncoder(&a.buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent(prefix, "    ")
	if err := enc.Encode(v); err != nil && a.err == nil {
		a.err = fmt.Errorf("entry %q: %w", name, err)
	}
	return bytes.TrimSuffix(a.buf.Bytes(), []byte("\n"))
}

func (a *archive) close() error {
	if a.err != nil {
		return a.err
	}
	if err := a.zip.Close(); err != nil {
		return fmt.Errorf("end of the archive: %w", err)
	}
	return nil
}
