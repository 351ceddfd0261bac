// Package help shows organizers what an archive is: its files and fields, how
// values are written, the limits, and what each issue means. All of it is made
// from what reads archives, so that it says what holds.
package help

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"time"

	"github.com/usher-events/usher/services/query/internal/rendered"
)

//go:embed templates
var files embed.FS

// exampleArchive is what `usher sample` writes; "make documents" makes it.
//
//go:embed example.zip
var exampleArchive []byte

// client is how another frontend uploads and follows an import.
//
//go:embed client.js
var client []byte

var (
	templates = template.Must(template.ParseFS(files, "templates/*.html"))
	// help is the same for everybody and as long as the process runs.
	help       = newView()
	exampleTag = tagOf(exampleArchive)
	clientTag  = tagOf(client)
)

// policy is what a browser may do for the page: show it.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Archive answers with the page about archives.
func Archive(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Cache-Control", "no-cache")
	w.Header().Set("Referrer-Policy", "no-referrer")
	return rendered.Write(w, http.StatusOK, policy, templates, "archive.html", help)
}

// Example answers with an archive of a made-up event.
func Example(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Disposition", `attachment; filename="example.zip"`)
	serve(w, r, "application/zip", exampleArchive, exampleTag)
	return nil
}

// Client answers with a script for those who make a frontend of their own, to be read or
// used as it is.
func Client(w http.ResponseWriter, r *http.Request) error {
	serve(w, r, "text/javascript; charset=utf-8", client, clientTag)
	return nil
}

func serve(w http.ResponseWriter, r *http.Request, contentType string, content []byte, tag string) {
	header := w.Header()
	header.Set("ETag", tag)
	header.Set("Cache-Control", "no-cache")
	header.Set("Content-Type", contentType)
	header.Set("X-Content-Type-Options", "nosniff")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

func tagOf(content []byte) string {
	sum := sha256.Sum256(content)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}
