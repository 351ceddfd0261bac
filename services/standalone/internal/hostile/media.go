package hostile

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"strings"
)

// Media are archives whose files are not what their names say, or more than they
// seem. All are imported, with a warning where it is no picture; what matters is how they
// are served.
func Media() []Case {
	const script = "<script>alert(document.domain)</script>"
	of := func(name, file string, content []byte, as Served) Case {
		var issues []string
		if !strings.HasPrefix(as.Type, "image/") {
			issues = []string{"media_kind"}
		}
		return Case{
			Name: "media: " + name, Issues: issues,
			File: func() []byte {
				return archive(text("event", event(`"logo": "/`+file+`"`)), entry{name: file, content: content, stored: true})
			},
			Media: map[string]Served{"/" + file: as},
		}
	}
	page := func(mediaType string) Served { return Served{Type: mediaType, Copy: "no_such_variant"} }
	drawing := `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><foreignObject>` + script + `</foreignObject></svg>`
	pixel := gif(1, 1)
	return []Case{
		of("a drawing with a script", "logo.svg", []byte(drawing), Served{Type: "image/svg+xml", Shown: true, Copy: "no_such_variant"}),
		of("a page under the name of a picture", "logo.png", []byte("<!doctype html>"+script), page("text/html")),
		of("a page under the name of a drawing", "logo.svg", []byte("<html>"+script+"</html>"), page("text/html")),
		of("a page, a drawing and a PDF at once", "logo.svg", []byte("%PDF-1.7\n<!--\n-->\n<html>"+script+drawing+"</html>"), page("application/pdf")),
		of("a picture that goes on as a page", "logo.gif", append(bytes.Clone(pixel), "<!doctype html>"+script...),
			Served{Type: "image/gif", Shown: true, Pixels: true}),
		of("a page that begins like a picture", "logo.gif", []byte("GIF89a=1;/*"+script+"*/"),
			Served{Type: "image/gif", Shown: true, Pixels: true, Copy: "picture_too_large"}),
		of("a program under the name of a picture", "logo.jpg", append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 200)...), page("application/x-elf")),
		of("XML that includes files of the machine", "logo.xml",
			[]byte(`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]><x>&x;</x>`), page("text/xml")),
		of("nothing", "logo.png", nil, Served{Type: "text/plain", Shown: true, Copy: "no_such_variant"}),
		of("a picture of 900 megapixels in few bytes", "logo.png", png(30_000, 30_000, 1, true), Served{Type: "image/png", Shown: true, Pixels: true, Copy: "picture_too_large"}),
		of("a picture that says it has 4 gigapixels", "logo.gif", gif(65_535, 65_535)[:20], Served{Type: "image/gif", Shown: true, Pixels: true, Copy: "picture_too_large"}),
		of("a picture that says it is larger than any", "logo.png", png(1<<31-1, 1<<31-1, 16, false), Served{Type: "image/png", Shown: true, Pixels: true, Copy: "picture_damaged"}),
		of("a picture of 49 megapixels without its pixels", "logo.png", png(7_000, 7_000, 16, false), Served{Type: "image/png", Shown: true, Pixels: true, Copy: "picture_damaged"}),
		of("a picture that ends in its head", "logo.png", png(10, 10, 8, false)[:25], Served{Type: "image/png", Shown: true, Pixels: true, Copy: "picture_damaged"}),
	}
}

// gif is a picture of one colour of which the pixels say nothing.
func gif(width, height uint16) []byte {
	var b bytes.Buffer
	b.WriteString("GIF89a")
	put(&b, width, height, []byte{0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2c}, uint16(0), uint16(0), width, height)
	put(&b, []byte{0, 2, 2, 0x44, 1, 0, 0x3b})
	return b.Bytes()
}

// png is a picture of so many bits in a pixel's channel, grey, or of four
// channels where there are more than 8; filled tells that it has all its pixels.
func png(width, height uint32, bits byte, filled bool) []byte {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, data []byte) {
		sum := crc32.NewIEEE()
		_, _ = sum.Write(append([]byte(kind), data...)) // a hash takes everything
		_ = binary.Write(&b, binary.BigEndian, uint32(len(data)))
		b.WriteString(kind)
		b.Write(data)
		_ = binary.Write(&b, binary.BigEndian, sum.Sum32())
	}
	colour := byte(0)
	if bits > 8 {
		colour = 6
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)
	chunk("IHDR", append(head, bits, colour, 0, 0, 0))
	var pixels bytes.Buffer
	w := zlib.NewWriter(&pixels)
	row := strings.Repeat("\x00", 1+(int(width%(1<<20))*int(bits)+7)/8)
	if filled {
		for range height {
			_, _ = w.Write([]byte(row)) // a buffer takes everything
		}
	}
	_ = w.Close()
	chunk("IDAT", pixels.Bytes())
	chunk("IEND", nil)
	return b.Bytes()
}
