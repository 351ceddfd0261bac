package hostile

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Zips are archives that are wrong as zips.
func Zips() []Case {
	refused := func(name, issue string, file func() []byte) Case {
		return Case{Name: name, File: file, Failed: badArchive, Issues: []string{issue}}
	}
	return slices.Concat(bombs(), pathways(), []Case{
		{
			Name: "zip: an entry stands twice", Issues: []string{"duplicate_entry"},
			File: func() []byte {
				return archive(text("tracks", `[{"id": 1, "name": "first", "color": "red"}]`), text("tracks", `[]`))
			},
		},
		refused("zip: an entry says it is smaller", "entry_damaged", func() []byte {
			return archive(entry{name: "sessions", content: []byte(`[                ]`), unpacked: 3})
		}),
		refused("zip: an entry says it is larger", "entry_damaged", func() []byte {
			return archive(entry{name: "sessions", content: []byte(`[]`), unpacked: 1 << 30})
		}),
		refused("zip: an entry says it is packed into more than there is", "not_a_zip", func() []byte {
			return archive(entry{name: "sessions", content: []byte(`[]`), packed: 1 << 30})
		}),
		refused("zip: another checksum", "entry_damaged", func() []byte {
			return archive(entry{name: "sessions", content: []byte(`[]`), crc: 1})
		}),
		refused("zip: unknown compression", "unsupported_compression", func() []byte {
			return archive(entry{name: "sessions", content: []byte(`[]`), stored: true, method: 99})
		}),
		refused("zip: garbage in the place of packed bytes", "entry_damaged", func() []byte {
			return archive(entry{name: "sessions", content: []byte(`[]`), raw: bytes.Repeat([]byte{0xff}, 500)})
		}),
		refused("zip: encrypted", "archive_encrypted", func() []byte {
			return archive(entry{name: "sessions", content: []byte(`[]`), flags: flagEncrypted})
		}),
		refused("zip: too many entries", "too_many_entries", func() []byte {
			return archive(slices.Repeat([]entry{{name: "x", stored: true}}, 100_001)...)
		}),
		refused("zip: a directory of many megabytes", "too_many_entries", func() []byte {
			return archive(slices.Repeat([]entry{{name: "x", stored: true, comment: strings.Repeat("x", 1<<16-1)}}, 300)...)
		}),
		{Name: "zip64: a valid one", File: func() []byte {
			entries := whole()
			for i := range entries {
				entries[i].large = true
			}
			return pack(ending{large: true}, entries...)
		}},
		refused("zip64: says it has more entries than there can be", "too_many_entries", func() []byte {
			return pack(ending{large: true, entries: 1 << 62}, whole()...)
		}),
		refused("zip64: an entry of exabytes", "unpacked_too_large", func() []byte {
			return archive(entry{name: "sessions", content: []byte(`[]`), large: true, unpacked: 1 << 62})
		}),
		refused("zip64: a directory far behind the end", "entry_damaged", func() []byte {
			return pack(ending{large: true, offset: 1 << 62}, whole()...)
		}),
		{
			Name: "zip: text before it", Refused: "not_a_zip",
			File: func() []byte { return append([]byte("#!/bin/sh\nexit 1\n"), archive()...) },
		},
		{
			Name: "zip: the beginning of another zip before it",
			File: func() []byte { return append([]byte("PK\x03\x04 the rest of which is gone"), archive()...) },
		},
		{
			Name: "zip: text behind it",
			File: func() []byte { return append(archive(), "\r\n--boundary--\r\n<script>alert(1)</script>"...) },
		},
		refused("zip: cut off", "not_a_zip", func() []byte { return archive()[:200] }),
		refused("zip: a hole in the middle", "not_a_zip", func() []byte {
			zip := archive(entry{name: "a.png", content: bytes.Repeat([]byte("picture"), 1000), stored: true})
			return slices.Delete(zip, 100, 7000)
		}),
		refused("zip: nothing but its first bytes", "not_a_zip", func() []byte { return []byte("PK\x03\x04") }),
		refused("zip: no files", "file_missing", func() []byte { return pack(ending{}) }),
		{
			Name: "zip: a web page under its name", Refused: "not_a_zip",
			File: func() []byte { return []byte("<!doctype html><title>404</title>") },
		},
	})
}

// bombs are archives that are small and unpack to very much.
func bombs() []Case {
	return []Case{
		{
			Name: "bomb: one file of much air", Failed: badArchive, Issues: []string{"compression_ratio"},
			File: func() []byte {
				return archive(text("sessions", "["+strings.Repeat(" ", 40<<20)+"]"))
			},
		},
		{
			Name: "bomb: a picture of much air", Issues: []string{"media_unreadable"},
			File: func() []byte {
				return archive(text("event", event(`"logo": "/logo.png"`)), entry{name: "logo.png", content: make([]byte, 40<<20)})
			},
		},
		{
			Name: "bomb: many files that are too much together", Failed: badArchive, Issues: []string{"unpacked_too_large"},
			File: func() []byte {
				air := make([]byte, 16<<20-1)
				packed := deflate(air)
				var entries []entry
				for i := range 1100 {
					entries = append(entries, entry{name: fmt.Sprintf("slides/%d.pdf", i), content: air, raw: packed, crc: 1})
				}
				return archive(entries...)
			},
		},
		{
			Name: "bomb: many files that say they are small", Issues: []string{"field_missing", "media_unreadable"},
			File: func() []byte {
				air := make([]byte, 20<<20)
				packed := deflate(air)
				entries := make([]entry, 0, 201)
				sessions := make([]string, 0, 200)
				for i := range 200 {
					sessions = append(sessions, fmt.Sprintf(`{"id": %d, "title": "x", "slides": "/slides/%d.pdf"}`, i, i))
					entries = append(entries, entry{name: fmt.Sprintf("slides/%d.pdf", i), content: air[:10], raw: packed})
				}
				return archive(append(entries, text("sessions", "["+strings.Join(sessions, ",")+"]"))...)
			},
		},
		{
			Name: "bomb: a zip in a zip in a zip", Issues: []string{"media_kind"},
			File: func() []byte {
				inner := pack(ending{}, text("air", strings.Repeat("\x00", 20<<20)))
				for range 2 {
					var copies []entry
					for i := range 16 {
						copies = append(copies, entry{name: fmt.Sprintf("%d.zip", i), content: inner})
					}
					inner = pack(ending{}, copies...)
				}
				return archive(text("event", event(`"logo": "/logo.zip"`)), entry{name: "logo.zip", content: inner, stored: true})
			},
			Media: map[string]Served{"/logo.zip": {Type: "application/zip", Copy: "no_such_variant"}},
		},
		{
			Name: "bomb: many entries of the same bytes", Failed: badArchive, Issues: []string{"not_a_zip"},
			File: func() []byte {
				kernel := entry{name: "0", content: make([]byte, 8<<20)}
				entries, packed := []entry{kernel}, uint64(len(deflate(kernel.content)))
				for i := range 1000 {
					entries = append(entries, entry{
						name: fmt.Sprint(i + 1), over: true, packed: packed, unpacked: 8 << 20,
					})
				}
				return pack(ending{}, append(entries, whole()...)...)
			},
		},
	}
}

// pathways are archives that name what is not theirs.
func pathways() []Case {
	logo := func(path string, entries ...entry) func() []byte {
		return func() []byte {
			return archive(append(entries, text("event", event(fmt.Sprintf(`"logo": %q`, path))))...)
		}
	}
	nothing, outside := []string{"media_missing"}, []string{"invalid_url"}
	cases := []Case{
		{Name: "path: out of the archive, an entry of this name", Issues: outside, File: logo("../../../../etc/passwd", text("../../../../etc/passwd", "x"))},
		{Name: "path: out of the archive, no such entry", Issues: outside, File: logo("/../../../../../../etc/passwd")},
		{Name: "path: absolute", Issues: nothing, File: logo("/etc/passwd", text("/etc/passwd", "x"))},
		{Name: "path: of another system", Issues: outside, File: logo(`..\..\windows\win.ini`, text(`..\..\windows\win.ini`, "x"))},
		{Name: "path: with a letter of a disk", Issues: outside, File: logo(`C:\windows\win.ini`)},
		{Name: "path: of this machine, as an address", Issues: outside, File: logo("file:///etc/passwd")},
		{
			Name: "path: the event itself is a link", Failed: badArchive, Issues: []string{"file_missing"},
			File: func() []byte {
				return archive(entry{name: "event", content: []byte("/etc/passwd"), mode: fs.ModeSymlink})
			},
		},
	}
	for name, mode := range map[string]fs.FileMode{
		"a link": fs.ModeSymlink, "a device": fs.ModeDevice, "a terminal": fs.ModeDevice | fs.ModeCharDevice, "a pipe": fs.ModeNamedPipe,
	} {
		cases = append(cases, Case{
			Name: "path: " + name, Issues: nothing,
			File: logo("/logo.png", entry{name: "logo.png", content: []byte("/etc/passwd"), mode: mode}),
		})
	}
	return cases
}
