package openevent

import (
	"io/fs"
	"path"
	"strings"
)

// mediaPath returns the path of a file in the archive as it should be written:
// slashes between the names, none doubled, no "." and no "..", and one slash
// before them or none, as found. False for a path that leads out of the archive
// or to no file.
func mediaPath(value string) (string, bool) {
	value = strings.ReplaceAll(value, `\`, "/")
	name := path.Clean(strings.TrimLeft(value, "/"))
	if !fs.ValidPath(name) || name == "." || name != trimBlanks(name) {
		return "", false
	}
	if strings.HasPrefix(value, "/") {
		name = "/" + name
	}
	return name, true
}
