package files

import (
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

// isPage tells whether a content type is that of a page, of which an address of the
// web is more use than a copy.
func isPage(contentType string) bool {
	mediaType, _, _ := mime.ParseMediaType(contentType)
	return mediaType == "text/html" || mediaType == "application/xhtml+xml"
}
