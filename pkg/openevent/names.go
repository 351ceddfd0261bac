package openevent

import (
	"archive/zip"
	"io/fs"
	"path"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// maxName is how long the name of an entry may be, in bytes. Issues repeat the
// names, so that a long one would be stored ten thousand times.
const maxName = 1024

// entryName returns the name of an entry as the zip's author meant it by the
// rules of the format: UTF-8 where the entry says so, else code page 437, as
// the old importers read it, too. Some programs for Windows write "images\x.png"
// for "images/x.png", and others "./images/x.png".
//
// False for a name that no file of an archive can have: it leads out of the
// archive, is that of a folder, longer than maxName, or no text.
func entryName(f *zip.File) (string, bool) {
	name := f.Name
	if len(name) > maxName {
		return "", false
	}
	if f.NonUTF8 {
		decoded, err := charmap.CodePage437.NewDecoder().String(name)
		if err != nil {
			return "", false
		}
		name = decoded
	}
	name = slashed(name)
	return name, fs.ValidPath(name) && name != "." && !strings.Contains(name, "\x00")
}

// slashed gives a relative path in the one spelling that entries have.
func slashed(name string) string {
	return strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "./")
}

// isJunk tells whether a file was put into the zip by the program that made
// it, or by the one that shows folders, and not by a person.
func isJunk(name string) bool {
	base := path.Base(name)
	switch strings.ToLower(base) {
	case ".ds_store", "thumbs.db", "desktop.ini":
		return true
	}
	return strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(base, "._")
}
