package hostile

import (
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io/fs"
	"slices"
)

// entry is one entry of a zip. archive/zip writes none that lies, so the zips are
// written here.
type entry struct {
	name    string
	content []byte
	// stored tells that the content is not compressed.
	stored bool
	method uint16
	flags  uint16
	mode   fs.FileMode
	crc    uint32
	// packed and unpacked are what is said of the sizes instead of the truth.
	packed, unpacked uint64
	// raw is the compressed content, where it was made before.
	raw []byte
	// over tells that the entry has no bytes of its own, but those of the first.
	over bool
	// large tells that the sizes stand in the fields of Zip64.
	large   bool
	comment string
}

// Bits and numbers of the zip format.
const (
	flagEncrypted = 1 << 0
	flagUTF8      = 1 << 11
	deflated      = 8
	unixMade      = 3 << 8
	only64        = 1<<32 - 1
)

// ending is what is said at the end of a zip.
type ending struct {
	// large tells that there is an end record of Zip64; entries and offset are
	// what it says instead of the truth.
	large           bool
	entries, offset uint64
}

// pack makes a zip.
func pack(end ending, entries ...entry) []byte {
	var body, directory bytes.Buffer
	for _, e := range entries {
		method, raw := e.written()
		unpacked := cmp.Or(e.unpacked, uint64(len(e.content)))
		packed := cmp.Or(e.packed, uint64(len(raw)))
		crc := e.crc
		if crc == 0 {
			crc = crc32.ChecksumIEEE(e.content)
		}
		head := func(w *bytes.Buffer) {
			put(w, uint16(45), e.flags|flagUTF8, method, uint16(0), uint16(0x21), crc)
			if e.large {
				put(w, uint32(only64), uint32(only64))
			} else {
				put(w, uint32(packed), uint32(unpacked))
			}
			put(w, uint16(len(e.name)))
		}
		var extra bytes.Buffer
		if e.large {
			put(&extra, uint16(1), uint16(16), unpacked, packed)
		}
		at := 0
		if !e.over {
			at = body.Len()
			put(&body, uint32(0x04034b50))
			head(&body)
			put(&body, uint16(extra.Len()))
			body.WriteString(e.name)
			body.Write(extra.Bytes())
			body.Write(raw)
		}
		put(&directory, uint32(0x02014b50), uint16(unixMade))
		head(&directory)
		put(&directory, uint16(extra.Len()), uint16(len(e.comment)), uint16(0), uint16(0), unixMode(e.mode)<<16, uint32(at))
		directory.WriteString(e.name)
		directory.Write(extra.Bytes())
		directory.WriteString(e.comment)
	}
	return slices.Concat(body.Bytes(), directory.Bytes(), end.written(len(entries), directory.Len(), body.Len()))
}

// written is the end of a zip whose directory has so many entries and bytes and
// begins at an offset.
func (e ending) written(entries, length, offset int) []byte {
	var b bytes.Buffer
	short, size, start := uint16(min(entries, 1<<16-1)), uint32(length), uint32(offset)
	if e.large {
		n, at := cmp.Or(e.entries, uint64(entries)), cmp.Or(e.offset, uint64(offset))
		put(&b, uint32(0x06064b50), uint64(44), uint16(45), uint16(45), uint32(0), uint32(0), n, n, uint64(length), at)
		put(&b, uint32(0x07064b50), uint32(0), uint64(offset+length), uint32(1))
		short, size, start = 1<<16-1, only64, only64
	}
	put(&b, uint32(0x06054b50), uint16(0), uint16(0), short, short, size, start, uint16(0))
	return b.Bytes()
}

// written is the method of an entry and its content as it stands in the zip.
func (e entry) written() (method uint16, raw []byte) {
	switch {
	case e.over:
		return deflated, nil
	case e.raw != nil:
		return deflated, e.raw
	case e.stored:
		return e.method, e.content
	}
	return deflated, deflate(e.content)
}

func deflate(content []byte) []byte {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.DefaultCompression)
	if err != nil {
		panic(err) // the level is one
	}
	_, _ = w.Write(content) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// unixMode is a mode as zips of Unix have it.
func unixMode(mode fs.FileMode) uint32 {
	kind := uint32(0o100000)
	switch {
	case mode&fs.ModeSymlink != 0:
		kind = 0o120000
	case mode&fs.ModeCharDevice != 0:
		kind = 0o020000
	case mode&fs.ModeDevice != 0:
		kind = 0o060000
	case mode&fs.ModeNamedPipe != 0:
		kind = 0o010000
	}
	return kind | 0o666
}

// put writes numbers in the order of bytes of zips.
func put(b *bytes.Buffer, numbers ...any) {
	for _, n := range numbers {
		if err := binary.Write(b, binary.LittleEndian, n); err != nil {
			panic(err) // not a number of a fixed size
		}
	}
}

// lists are the files of an archive that hold lists.
func lists() []string {
	return []string{"sessions", "speakers", "tracks", "microlocations", "session_types", "sponsors", "forms"}
}

// event is the event of an archive, with more members: `"logo": "/a.png"`.
func event(more string) string {
	if more != "" {
		more = ", " + more
	}
	return `{"id": 1, "name": "Harbour Fair", "timezone": "Europe/Oslo", "start_time": "2031-05-02T09:00:00", "end_time": "2031-05-03T18:00:00"` + more + `}`
}

// whole completes some entries to an archive with an event and all lists, so
// that nothing is said of it that is not about these entries.
func whole(some ...entry) []entry {
	has := func(name string) bool {
		return slices.ContainsFunc(some, func(e entry) bool { return e.name == name })
	}
	var all []entry
	if !has("event") {
		all = append(all, text("event", event("")))
	}
	for _, name := range lists() {
		if !has(name) {
			all = append(all, text(name, "[]"))
		}
	}
	return append(all, some...)
}

// text is an entry that nothing is wrong with.
func text(name, content string) entry { return entry{name: name, content: []byte(content)} }

// archive makes a file of a whole archive.
func archive(some ...entry) []byte { return pack(ending{}, whole(some...)...) }
