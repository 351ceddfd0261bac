package table

import (
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// The encodings, by the names that people know them by.
const (
	utf8Name        = "UTF-8"
	utf16LE         = "UTF-16LE"
	utf16BE         = "UTF-16BE"
	windows1252Name = "Windows-1252"
)

// boms are what a text may say its encoding with.
var boms = []struct{ sign, encoding string }{
	{"\xef\xbb\xbf", utf8Name},
	{"\xff\xfe", utf16LE},
	{"\xfe\xff", utf16BE},
}

// text is a file as text in UTF-8.
type text struct {
	content  io.ReaderAt
	size     int64
	encoding string
	// bom is how many bytes the BOM has.
	bom int64
}

// encodingSample is how many bytes are looked at for UTF-16.
const encodingSample = 4 << 10

// textOf finds out the encoding of a file. Without a BOM all of it is read: one
// byte at its very end may tell that it is not UTF-8. A file that says it is UTF-8
// is believed; what is not stands in its cells as it is.
func textOf(content io.ReaderAt, size int64) (text, error) {
	t := text{content: content, size: size}
	head := make([]byte, min(size, encodingSample))
	if _, err := io.ReadFull(io.NewSectionReader(content, 0, size), head); err != nil {
		return text{}, err
	}
	for _, bom := range boms {
		if strings.HasPrefix(string(head), bom.sign) {
			t.encoding, t.bom = bom.encoding, int64(len(bom.sign))
			return t, nil
		}
	}
	if t.encoding = utf16Of(head); t.encoding != "" {
		return t, nil
	}
	valid, err := isUTF8(io.NewSectionReader(content, 0, size))
	if err != nil {
		return text{}, err
	}
	t.encoding = windows1252Name
	if valid {
		t.encoding = utf8Name
	}
	return t, nil
}

// utf16Of tells UTF-16 by the zeros that its delimiters, digits and latin letters
// have, all on the same side; no other text has any.
func utf16Of(head []byte) string {
	var zeros [2]int
	for i, b := range head {
		if b == 0 {
			zeros[i%2]++
		}
	}
	// Files of other alphabets have as many as they have delimiters and addresses.
	few := len(head) / 10
	switch {
	case zeros[1] > few && zeros[1] > 10*zeros[0]:
		return utf16LE
	case zeros[0] > few && zeros[0] > 10*zeros[1]:
		return utf16BE
	}
	return ""
}

// isUTF8 reads to the end, or to the first byte that is something else.
func isUTF8(r io.Reader) (bool, error) {
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := r.Read(buf[kept:])
		n += kept
		if errors.Is(err, io.EOF) {
			return utf8.Valid(buf[:n]), nil
		}
		if err != nil {
			return false, err
		}
		// A character may be cut by the end of what was read.
		whole := n
		for i := n - 1; i >= 0 && i >= n-utf8.UTFMax; i-- {
			if utf8.RuneStart(buf[i]) {
				if !utf8.FullRune(buf[i:n]) {
					whole = i
				}
				break
			}
		}
		if !utf8.Valid(buf[:whole]) {
			return false, nil
		}
		kept = copy(buf, buf[whole:n])
	}
}

// reader reads the text from the beginning, behind the BOM.
func (t text) reader() io.Reader {
	r := io.NewSectionReader(t.content, t.bom, t.size-t.bom)
	switch t.encoding {
	case utf16LE:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder().Reader(r)
	case utf16BE:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder().Reader(r)
	case windows1252Name:
		return charmap.Windows1252.NewDecoder().Reader(r)
	}
	return r
}
