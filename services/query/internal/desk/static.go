package desk

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"time"
)

//go:embed static
var static embed.FS

// contentTypes are those of the files: what a system says of an extension is not
// the same everywhere.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// Static answers with a file that pages refer to. A browser asks each time
// whether it has changed, so that a page never meets the script of another version.
func (d Desk) Static(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	content, err := static.ReadFile("static/" + name)
	if err != nil {
		return write(w, http.StatusNotFound, "missing.html", nil)
	}
	sum := sha256.Sum256(content)
	header := w.Header()
	// A weak one: the same file goes out compressed and as it is.
	header.Set("ETag", `W/"`+hex.EncodeToString(sum[:16])+`"`)
	header.Set("Cache-Control", "no-cache")
	header.Set("Content-Type", contentTypes[path.Ext(name)])
	header.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	return nil
}
