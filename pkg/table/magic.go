package table

import (
	"bytes"
	"errors"
	"io"
)

// magic is what the first bytes of a file say that it is.
type magic int

const (
	unknownFile magic = iota
	zipFile
	oleFile // the container of old Excel files, and of encrypted ones
	markupFile
)

// magicOf looks at the first bytes of a file.
func magicOf(content io.ReaderAt, size int64) (magic, error) {
	head := make([]byte, min(size, 512))
	if _, err := io.ReadFull(io.NewSectionReader(content, 0, size), head); err != nil {
		return unknownFile, err
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return zipFile, nil
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return oleFile, nil
	case bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff"))), []byte("<")):
		return markupFile, nil
	}
	return unknownFile, nil
}

// encrypted tells an encrypted workbook from an old one: both are OLE files, in
// which the names of their streams stand in UTF-16.
func encrypted(content io.ReaderAt, size int64) (bool, error) {
	name := make([]byte, 0, 32)
	for _, c := range []byte("EncryptedPackage") {
		name = append(name, c, 0)
	}
	r := io.NewSectionReader(content, 0, size)
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := r.Read(buf[kept:])
		n += kept
		if bytes.Contains(buf[:n], name) {
			return true, nil
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		kept = copy(buf, buf[max(0, n-len(name)+1):n])
	}
}
