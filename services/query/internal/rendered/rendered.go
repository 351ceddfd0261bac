// Package rendered sends a page of HTML. The pages of events and those of
// organizers go out through it.
package rendered

import (
	"bytes"
	"html/template"
	"net/http"
	"strconv"
)

// Write renders a template as a whole before anything of it is sent, so that a
// failure can still be answered as one. policy is the page's
// Content-Security-Policy; how long it may be kept, and what is told of its
// address, the caller has said in the header.
func Write(w http.ResponseWriter, status int, policy string, templates *template.Template, name string, view any) error {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, view); err != nil {
		return err
	}
	header := w.Header()
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(b.Len()))
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Add("Vary", "Authorization, Cookie")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a client that is gone misses nothing
	return nil
}
