package table

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/s2"
)

// stringBlock is how many bytes of strings are packed at once.
const stringBlock = 16 << 10

// sharedStrings are the texts of a workbook: cells say only the number of theirs. A
// list of a million rows has several millions, so they are held compressed, block
// by block, in the order of their numbers, in which most cells name them. (A file
// would do too, but our images have no folder for one.)
type sharedStrings struct {
	blocks []stringsBlock
	count  int
}

// stringsBlock is a block of strings, each behind its length.
type stringsBlock struct {
	// first is the number of its first string.
	first  int
	packed []byte
}

// readSharedStrings reads them; a workbook may do without.
func readSharedStrings(file *zip.File) (sharedStrings, error) {
	var all sharedStrings
	if file == nil {
		return all, nil
	}
	p, err := openPart(file, MaxUnpacked)
	if err != nil {
		return all, err
	}
	defer p.close()
	var one, open []byte
	var packed []byte
	in, phonetic := 0, 0
	flush := func() {
		packed = s2.Encode(packed[:cap(packed)], open)
		all.blocks[len(all.blocks)-1].packed = bytes.Clone(packed)
		open = open[:0]
	}
	for {
		token, err := p.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return all, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "si":
				one = one[:0]
			case "t":
				in++
			case "rPh":
				phonetic++
			}
		case xml.CharData:
			if in > 0 && phonetic == 0 {
				one = append(one, t...)
			}
			if len(one) > maxText {
				return all, &Fault{Reason: TooLarge, err: errors.New("one cell")}
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "t":
				in--
			case "rPh":
				phonetic--
			case "si":
				if len(open) == 0 {
					all.blocks = append(all.blocks, stringsBlock{first: all.count})
				}
				value := unescaped(one)
				open = binary.AppendUvarint(open, uint64(len(value)))
				open = append(open, value...)
				all.count++
				if len(open) >= stringBlock {
					flush()
				}
			}
		}
	}
	if len(open) > 0 {
		flush()
	}
	return all, nil
}

// reader reads strings. It holds some blocks that it has unpacked: where a sheet
// has been sorted its cells name them in any order.
func (all sharedStrings) reader() *stringReader {
	return &stringReader{all: all}
}

type stringReader struct {
	all  sharedStrings
	held [64]unpacked
}

// unpacked is a block that is held, and how far it has been read: string index
// begins at offset.
type unpacked struct {
	block         int // counted from 1, so that zero is none
	text          []byte
	index, offset int
}

// append appends a string to a text.
func (r *stringReader) append(to []byte, index int) ([]byte, error) {
	if index < 0 || index >= r.all.count {
		return to, fmt.Errorf("string %d of %d", index, r.all.count)
	}
	block := sort.Search(len(r.all.blocks), func(i int) bool { return r.all.blocks[i].first > index }) // 1 + its own
	held := &r.held[block%len(r.held)]
	if held.block != block {
		text, err := s2.Decode(held.text[:cap(held.text)], r.all.blocks[block-1].packed)
		if err != nil {
			return to, err
		}
		*held = unpacked{block: block, text: text, index: r.all.blocks[block-1].first}
	}
	if index < held.index {
		held.index, held.offset = r.all.blocks[block-1].first, 0
	}
	for {
		length, n := binary.Uvarint(held.text[held.offset:])
		start := held.offset + n
		if held.index == index {
			return append(to, held.text[start:start+int(length)]...), nil //nolint:gosec // we wrote it
		}
		held.index, held.offset = held.index+1, start+int(length) //nolint:gosec // we wrote it
	}
}

// escape is how XML has a character that it cannot have, by its number in UTF-16.
var escape = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescaped returns a text with the characters that are escaped in it. A pair of
// surrogates is one character.
func unescaped(text []byte) []byte {
	if !bytes.Contains(text, []byte("_x")) {
		return text
	}
	var out []byte
	var units []uint16
	flush := func() {
		for _, char := range utf16.Decode(units) {
			out = utf8.AppendRune(out, char)
		}
		units = units[:0]
	}
	at := 0
	for _, found := range escape.FindAllIndex(text, -1) {
		if found[0] > at {
			flush()
			out = append(out, text[at:found[0]]...)
		}
		unit, _ := strconv.ParseUint(string(text[found[0]+2:found[1]-1]), 16, 16)
		units = append(units, uint16(unit))
		at = found[1]
	}
	flush()
	return append(out, text[at:]...)
}
