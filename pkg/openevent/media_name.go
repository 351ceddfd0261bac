package openevent

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/usher-events/usher/contracts"
)

// MediaName returns the name of a media file in an archive, without a slash before it:
// that of the field (as in MediaRef) of an owner, by the names that exporters have always
// given, with the extension ext, such as ".jpg" or "". Whatever its owner is called, it is
// a name that a reader finds the file by, of less than 300 bytes and harmless when it is
// unpacked. Of different fields or ids of one type no two names are the same; an archive
// has one event, whose id does not count.
func MediaName(t contracts.EntityType, field, ownerName, ownerID, ext string) string {
	id := nameOfID(ownerID)
	var name string
	switch t {
	case contracts.Events:
		if name = nameOfField(field); field == "background_image" {
			name = "background"
		}
	case contracts.Speakers, contracts.Sponsors:
		name = string(t) + "/" + camel(ownerName) + "_" + id
		if field != "photo" && field != "logo" {
			name += "_" + nameOfField(field)
		}
	case contracts.Tracks:
		name = "tracks/image_" + id
	case contracts.Sessions:
		folder := nameOfField(field)
		switch field {
		case "video", "audio":
			folder += "s"
		}
		return folder + "/session_" + id + extension(ext)
	default:
		name = nameOfField(string(t)) + "/" + nameOfField(field) + "_" + id
	}
	return "images/" + name + extension(ext)
}

// nameOfID is an id as part of a name. It has no "_", which ends it there; an id that is
// not of few letters and digits is told by its hash.
func nameOfID(id string) string {
	const most = 20
	if len(id) <= most && isNumber(id) {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return "x" + hex.EncodeToString(sum[:16])
}

// nameOfField keeps what the names of fields have.
func nameOfField(field string) string {
	letters := strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || r == '_' {
			return r
		}
		return -1
	}, field)
	return cmp.Or(letters, "file")
}

// camel is the name of a person or a firm as part of a name: words with capitals, without
// what is not allowed in names of files somewhere.
func camel(name string) string {
	const most = 100 // bytes
	name = strings.ToValidUTF8(name[:min(len(name), 4*most)], "")
	var b strings.Builder
	begins, dot := true, true
	for _, r := range norm.NFC.String(name) {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r), strings.ContainsRune(`<>:"/\|?*;`, r):
			begins = true
			continue
		case !unicode.IsGraphic(r), r == utf8.RuneError, r == '.' && dot:
			// What cannot be seen, and dots at the beginning or behind each other, which
			// lead to other folders, or hide a file.
			continue
		case begins:
			r = unicode.ToTitle(r)
		}
		if b.Len()+utf8.RuneLen(r) > most {
			break
		}
		b.WriteRune(r)
		begins, dot = false, r == '.'
	}
	return b.String()
}

// extension keeps an extension of few letters and digits.
func extension(ext string) string {
	const most = 10
	letters, ok := strings.CutPrefix(strings.ToLower(ext), ".")
	if !ok || letters == "" || len(letters) > most || strings.ContainsFunc(letters, func(r rune) bool {
		return (r < 'a' || 'z' < r) && (r < '0' || '9' < r)
	}) {
		return ""
	}
	return "." + letters
}
