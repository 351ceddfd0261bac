package openevent

import (
	"io"
	"slices"
	"strings"
)

// MediaKind says what a media file is meant to be.
type MediaKind string

// The kinds of media.
const (
	Image  MediaKind = "image"
	Video  MediaKind = "video"
	Audio  MediaKind = "audio"
	Slides MediaKind = "slides"
)

// MediaRef is one upload field of a record that is not empty.
type MediaRef struct {
	// Field is the field's name as in Fields.
	Field string
	Kind  MediaKind
	// Value is as found: a path in the archive or a URL (see IsURL).
	Value string
}

// mediaRefs leaves out the empty ones.
func mediaRefs(refs ...MediaRef) []MediaRef {
	return slices.DeleteFunc(refs, func(r MediaRef) bool { return r.Value == "" })
}

// IsURL tells whether the value of an upload field is an absolute address, so
// that it never names a file of the archive.
func IsURL(value string) bool {
	name := scheme(value)
	return strings.HasPrefix(value, "//") || name != "" && strings.HasPrefix(value[len(name):], "://")
}

// MediaFile is a media file of an archive.
type MediaFile struct {
	// Name is the entry's name, without a leading slash.
	Name string
	// Size is the length in bytes as the archive states it.
	Size int64
	// Respelled tells that the record and the archive spell the name in
	// different characters, so that the file was found by what they mean.
	Respelled bool

	archive *Archive
	entry   *entry
}

// Media returns the file that the value of an upload field names, relative to
// the folder of the data files: "/logo.png", "./logo.png" and "logo.png" are
// all the entry "logo.png". Where there is no such entry, it is the only one
// whose name is made of the same letters in other characters, or whose letters
// were garbled by one wrong code page, here or there ("ZoÃ«" is "Zoë"). False
// for a URL, for a data file, and for a file that is not there.
func (a *Archive) Media(value string) (*MediaFile, bool) {
	name := slashed(strings.TrimPrefix(value, "/"))
	if IsURL(value) || len(name) > maxName {
		return nil, false
	}
	e, exact := a.entries[a.folder+name]
	if !exact {
		e = a.respelled().find(name)
	}
	if e == nil || e.data {
		return nil, false
	}
	return &MediaFile{Name: e.name, Size: e.size, Respelled: !exact, archive: a, entry: e}, true
}

// Open unpacks the file. Reading it gives *Error where the entry is damaged or
// exceeds a limit, and any other error where the archive could not be read.
// Several files may be open at once.
func (m *MediaFile) Open() (io.ReadCloser, error) {
	if m.tooLarge() {
		return nil, &Error{Code: CodeMediaTooLarge, Entry: m.Name, Message: "The file is " + m.sizes()}
	}
	return m.archive.open(m.entry)
}

func (m *MediaFile) tooLarge() bool { return m.Size > m.archive.limits.Media }

// sizes says how large a file is that is too large.
func (m *MediaFile) sizes() string {
	return bytesText(m.Size) + " long, more than " + bytesText(m.archive.limits.Media)
}
