package table

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
)

const (
	// ratio is how many bytes one compressed byte may become, beyond the first
	// ratioFrom of a part. Sheets have about twenty.
	ratio     = 200
	ratioFrom = 16 << 20
	// maxText is how many bytes one cell, or an element's tag, may have. In Excel it
	// is 32,767 characters.
	maxText = 256 << 10
	// maxDepth is how deep elements may nest.
	maxDepth = 64
)

// part is the XML of one file of a workbook, read element by element. The decoder
// is used without its stack of open elements, and no token is longer than
// maxText, so that memory does not grow with what is read.
type part struct {
	xml    *xml.Decoder
	file   io.ReadCloser
	source *partSource
	// depth is how many elements are open, empty that there has been none.
	depth int
	empty bool
}

// openPart begins reading a file of at most so many bytes.
func openPart(file *zip.File, most int64) (*part, error) {
	content, err := file.Open()
	if err != nil {
		return nil, err
	}
	if packed := int64(file.CompressedSize64); most > ratioFrom && packed < (most-ratioFrom)/ratio { //nolint:gosec // a zip of more than 8 EiB there is not
		most = ratioFrom + packed*ratio
	}
	source := &partSource{in: bufio.NewReaderSize(content, 64<<10), left: most}
	return &part{xml: xml.NewDecoder(source), file: content, source: source, empty: true}, nil
}

// next returns the next token, which counts until the one after it. At the end it
// returns io.EOF.
func (p *part) next() (xml.Token, error) {
	p.source.token = 0
	token, err := p.xml.RawToken()
	if errors.Is(err, io.EOF) && (p.depth > 0 || p.empty) {
		return nil, io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, err
	}
	switch token.(type) {
	case xml.StartElement:
		p.depth++
		p.empty = false
	case xml.EndElement:
		p.depth--
	case xml.Directive:
		return nil, errors.New("a document type")
	}
	if p.depth < 0 || p.depth > maxDepth {
		return nil, fmt.Errorf("elements at depth %d", p.depth)
	}
	return token, nil
}

// drain reads what is left without looking at it: at the end the zip tells whether
// the bytes are those that were packed.
func (p *part) drain() error {
	_, err := io.Copy(io.Discard, p.source)
	return err
}

func (p *part) close() { _ = p.file.Close() }

// partSource is the file below a part. A decoder of XML reads it byte by byte.
type partSource struct {
	in *bufio.Reader
	// left is how many bytes may still come, token how many the token has had.
	left  int64
	token int
}

func (s *partSource) ReadByte() (byte, error) {
	if s.left == 0 {
		return 0, &Fault{Reason: TooLarge}
	}
	if s.token == maxText {
		return 0, &Fault{Reason: TooLarge, err: errors.New("one cell or name")}
	}
	s.left--
	s.token++
	return s.in.ReadByte()
}

func (s *partSource) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, &Fault{Reason: TooLarge}
	}
	n, err := s.in.Read(p[:min(int64(len(p)), s.left)])
	s.left -= int64(n)
	return n, err
}

// attribute returns what an element says under a name without a prefix.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Space == "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// prefixed returns what an element says under a name with whatever prefix.
func prefixed(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Space != "" && a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// eachElement calls do with the elements of a small part.
func eachElement(file *zip.File, do func(xml.StartElement) error) error {
	p, err := openPart(file, maxSmallPart)
	if err != nil {
		return err
	}
	defer p.close()
	for {
		token, err := p.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if start, ok := token.(xml.StartElement); ok {
			if err := do(start); err != nil {
				return err
			}
		}
	}
}
