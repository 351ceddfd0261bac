package openevent

import (
	"bytes"
	"errors"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// utf8Reader returns what r holds as UTF-8 without a byte order mark, and the
// name of its encoding where that is another one. JSON begins with two ASCII
// characters, so that UTF-16 gives itself away without a mark, too. Errors of
// r come out of the reader.
func utf8Reader(r io.Reader) (io.Reader, string) {
	head := make([]byte, 3)
	n, err := io.ReadFull(r, head)
	head = head[:n]
	rest := io.MultiReader(bytes.NewReader(head), r)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return io.MultiReader(bytes.NewReader(head), failing{err}), ""
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xef\xbb\xbf")):
		return r, ""
	case n < 2:
		return rest, ""
	case head[0] == 0xfe && head[1] == 0xff, head[0] == 0 && head[1] != 0:
		return fromUTF16(rest, unicode.BigEndian), "UTF-16BE"
	case head[0] == 0xff && head[1] == 0xfe, head[0] != 0 && head[1] == 0:
		return fromUTF16(rest, unicode.LittleEndian), "UTF-16LE"
	default:
		return rest, ""
	}
}

func fromUTF16(r io.Reader, order unicode.Endianness) io.Reader {
	return transform.NewReader(r, unicode.UTF16(order, unicode.UseBOM).NewDecoder())
}

// failing is a reader that has nothing but an error.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) { return 0, f.err }
