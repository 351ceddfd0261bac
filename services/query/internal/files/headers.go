package files

import (
	"mime"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/services/query/internal/api"
)

// Nothing that an organizer uploads may run in our origin, or show itself as a
// part of it: whatever is more than pixels is sandboxed, so that it has no
// scripts, no forms and an origin of its own. What is left to it is what an SVG
// and a browser's own player need to show themselves.
const sandbox = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'"

// How long a copy may be used without asking again. An event can become a draft
// at any time; then its files are gone for others within these minutes.
const (
	forEverybody = "public, max-age=300, must-revalidate"
	forOne       = "private, max-age=300, must-revalidate"
)

// describe sets the headers that go with some content of a file.
func describe(header http.Header, media api.Media, c content, everybody bool) {
	mediaType := mediaTypeOf(c.contentType)
	header.Set("Content-Type", c.contentType)
	header.Set("X-Content-Type-Options", "nosniff")
	if !isRaster(mediaType) {
		header.Set("Content-Security-Policy", sandbox)
	}
	header.Set("Content-Disposition", disposition(mediaType, media.Path))
	header.Set("Cross-Origin-Resource-Policy", "cross-origin")
	header.Set("Etag", `"`+c.tag+`"`)
	header.Set("Cache-Control", forOne)
	if everybody {
		header.Set("Cache-Control", forEverybody)
	}
	header.Add("Vary", "Authorization, Cookie")
}

// mediaTypeOf is a content type without its parameters.
func mediaTypeOf(contentType string) string {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "application/octet-stream"
	}
	return mediaType
}

// isRaster tells whether a file is pixels and nothing else.
func isRaster(mediaType string) bool {
	return slices.Contains([]string{"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"}, mediaType)
}

// isPlayed tells whether a file is sound or moving pictures.
func isPlayed(mediaType string) bool {
	return strings.HasPrefix(mediaType, "audio/") || strings.HasPrefix(mediaType, "video/")
}

// leavesOrigin tells whether the store may serve a file in our place. It sends
// the content type that the file was stored with, but none of our other
// headers: so only what runs nothing, however it is looked at.
func leavesOrigin(contentType string) bool {
	mediaType := mediaTypeOf(contentType)
	return isRaster(mediaType) || isPlayed(mediaType)
}

// disposition says whether a browser shows a file or saves it, and under which
// name. A PDF is saved: browsers refuse to show one that is sandboxed.
func disposition(mediaType, archivePath string) string {
	how := "attachment"
	if isRaster(mediaType) || isPlayed(mediaType) || mediaType == "image/svg+xml" || mediaType == "text/plain" {
		how = "inline"
	}
	return mime.FormatMediaType(how, map[string]string{"filename": fileName(archivePath, mediaType)})
}

// extensions are those of the copies that we make, whatever the original is called.
var extensions = map[string][]string{
	"image/jpeg": {".jpg", ".jpeg", ".jpe", ".jfif"},
	"image/png":  {".png"},
}

// fileName is the last part of a path of the archive, or of the address that a file
// was fetched from, without anything that could lead somewhere else, hide what it
// is, or be a secret.
func fileName(from, mediaType string) string {
	if u, err := url.Parse(from); err == nil && openevent.IsURL(from) {
		from = u.Path
	}
	name := path.Base(strings.ReplaceAll(from, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		switch {
		case !unicode.IsPrint(r): // control characters, and those that turn the reading direction
			return -1
		case strings.ContainsRune(`<>:"|?*`, r):
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	name = strings.Trim(name, ". /")
	extension := path.Ext(name)
	stem := strings.TrimSuffix(name, extension)
	if known := extensions[mediaType]; known != nil && !slices.Contains(known, strings.ToLower(extension)) {
		extension = known[0]
	}
	if stem == "" {
		stem = "file"
	}
	return shortened(stem, 100) + shortened(extension, 20)
}

// shortened is at most the first n characters of a text.
func shortened(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n])
	}
	return text
}
