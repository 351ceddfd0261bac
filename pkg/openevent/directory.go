package openevent

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// maxDirectory is how long the directory of an archive may be, in bytes, since it
// is held in memory: 160 for each of 100,000 entries. Names, comments and extra
// fields may be 64 KiB each.
const maxDirectory = 16 << 20

// checkDirectory counts the entries of a zip in constant memory. archive/zip
// makes an object of each before anybody can count them, and believes the
// directory rather than the number that stands beside it, except that it
// allocates by that number.
func checkDirectory(r io.ReaderAt, size int64, limit int) error {
	ends, err := directoryEnds(r, size)
	if err != nil {
		return err
	}
	for _, end := range ends {
		if end.entries > uint64(limit) {
			return tooManyEntries(limit)
		}
		for _, start := range end.starts(size) {
			n, length, err := countEntries(r, start, size, limit)
			if err != nil {
				return err
			}
			if n > limit {
				return tooManyEntries(limit)
			}
			if length > maxDirectory {
				return &Error{Code: CodeTooManyEntries, Message: "The list of the archive's entries is longer than " + bytesText(maxDirectory)}
			}
		}
	}
	return nil
}

// directoryEnd is what the end of a zip says of its directory.
type directoryEnd struct {
	at                      int64
	entries, length, offset uint64
}

// starts returns where the directory may begin: right before its end, or at
// the offset that is stated. They differ where other bytes stand before the
// zip, and archive/zip chooses between the two.
func (d directoryEnd) starts(size int64) []int64 {
	var starts []int64
	if d.length <= uint64(d.at) {
		starts = append(starts, d.at-int64(d.length))
	}
	if d.offset < uint64(size) && (len(starts) == 0 || starts[0] != int64(d.offset)) {
		starts = append(starts, int64(d.offset))
	}
	return starts
}

// countEntries counts directory headers and their bytes from start on, until
// something else stands there or they are too many.
func countEntries(r io.ReaderAt, start, size int64, limit int) (n, length int, err error) {
	const headerLen = 46
	br := bufio.NewReader(io.NewSectionReader(r, start, size-start))
	for ; ; n++ {
		h, err := br.Peek(headerLen)
		if errors.Is(err, io.EOF) || err == nil && !bytes.HasPrefix(h, []byte("PK\x01\x02")) || n > limit || length > maxDirectory {
			return n, length, nil
		}
		if err != nil {
			return n, length, err
		}
		le := binary.LittleEndian
		header := headerLen + int(le.Uint16(h[28:])) + int(le.Uint16(h[30:])) + int(le.Uint16(h[32:]))
		discarded, err := br.Discard(header)
		if err != nil && !errors.Is(err, io.EOF) {
			return n, length, err
		}
		length += discarded
	}
}

// directoryEnds reads the end record of a zip, and the second one that a large
// zip has beside it: both, since either may be believed.
func directoryEnds(r io.ReaderAt, size int64) ([]directoryEnd, error) {
	const endLen, maxComment = 22, 1<<16 - 1
	tail := make([]byte, min(size, endLen+maxComment))
	if err := readFull(r, tail, size-int64(len(tail))); err != nil {
		return nil, err
	}
	i := endRecord(tail)
	if i < 0 {
		return nil, &Error{Code: CodeNotAZip, Message: "The file is not a zip archive"}
	}
	le := binary.LittleEndian
	end := directoryEnd{
		at:      size - int64(len(tail)) + int64(i),
		entries: uint64(le.Uint16(tail[i+10:])),
		length:  uint64(le.Uint32(tail[i+12:])),
		offset:  uint64(le.Uint32(tail[i+16:])),
	}
	ends := []directoryEnd{end}

	const locatorLen, end64Len = 20, 56
	if end.at < locatorLen+end64Len {
		return ends, nil
	}
	locator := make([]byte, locatorLen)
	if err := readFull(r, locator, end.at-locatorLen); err != nil {
		return nil, err
	}
	at := le.Uint64(locator[8:])
	if !bytes.HasPrefix(locator, []byte("PK\x06\x07")) || at > uint64(size-end64Len) {
		return ends, nil
	}
	end64 := make([]byte, end64Len)
	if err := readFull(r, end64, int64(at)); err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(end64, []byte("PK\x06\x06")) {
		return ends, nil
	}
	if ends[0].entries == 1<<16-1 {
		ends[0].entries = 0 // this number only says that the other one holds
	}
	return append(ends, directoryEnd{
		at: int64(at), entries: le.Uint64(end64[32:]), length: le.Uint64(end64[40:]), offset: le.Uint64(end64[48:]),
	}), nil
}

// endRecord finds the record that ends a zip, or returns -1.
func endRecord(tail []byte) int {
	const endLen = 22
	for i := len(tail) - endLen; i >= 0; i-- {
		if tail[i] == 'P' && bytes.HasPrefix(tail[i:], []byte("PK\x05\x06")) {
			comment := int(binary.LittleEndian.Uint16(tail[i+20:]))
			if i+endLen+comment <= len(tail) {
				return i
			}
		}
	}
	return -1
}

// readFull fills p from off on.
func readFull(r io.ReaderAt, p []byte, off int64) error {
	if n, err := r.ReadAt(p, off); n < len(p) {
		return err
	}
	return nil
}
