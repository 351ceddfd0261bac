package files

import (
	"fmt"
	"mime"
	"slices"
	"strings"

	"github.com/usher-events/usher/pkg/openevent"
)

// slides are the types of what people show while they talk, beside pictures.
var slides = []string{
	"application/pdf",
	"application/postscript",
	"application/vnd.ms-powerpoint",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation",
	"application/vnd.oasis.opendocument.presentation",
	"application/vnd.oasis.opendocument.presentation-template",
	"application/msword",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"application/vnd.oasis.opendocument.text",
}

// unknownType is the type of a file that begins like none that is known.
const unknownType = "application/octet-stream"

// fits tells whether a file of a content type may be what a field of a kind is for.
// Sound and films are told apart by nobody: both come in the same containers.
func fits(kind openevent.MediaKind, contentType string) bool {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	family, _, _ := strings.Cut(mediaType, "/")
	switch kind {
	case openevent.Image:
		return family == "image"
	case openevent.Audio, openevent.Video:
		return family == "audio" || family == "video" || mediaType == "application/ogg" || mediaType == "application/vnd.rn-realmedia-vbr"
	case openevent.Slides:
		return family == "image" || slices.Contains(slides, mediaType)
	}
	return false
}

// wanted is what a page shows of a field itself. Slides may be whatever their author
// shows.
var wanted = map[openevent.MediaKind]string{
	openevent.Image: "a picture", openevent.Audio: "sound", openevent.Video: "a film",
}

// misfit tells of a row whose file is stored that it is surely not what the field is for, or "".
// Not all sound and films are known by how they begin, but all pictures that a browser
// shows.
func misfit(row Row) string {
	kind := openevent.MediaKind(row.Kind)
	what, ok := wanted[kind]
	if !ok || fits(kind, row.ContentType) || kind != openevent.Image && row.ContentType == unknownType {
		return ""
	}
	mediaType, _, _ := strings.Cut(row.ContentType, ";")
	is := "of the type " + mediaType
	if *row.Size == 0 {
		is = "empty"
	}
	return fmt.Sprintf("'%s' is for %s, and the file is %s", row.Field, what, is)
}

// isPage tells whether a content type is that of a page, of which an address of the
// web is more use than a copy.
func isPage(contentType string) bool {
	mediaType, _, _ := mime.ParseMediaType(contentType)
	return mediaType == "text/html" || mediaType == "application/xhtml+xml"
}
