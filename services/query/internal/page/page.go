// Package page shows an event as a page for people: rendered here, without any
// script, readable on a phone.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/query/internal/api"
	"github.com/usher-events/usher/services/query/internal/rendered"
)

//go:embed templates
var files embed.FS

var (
	templates = template.Must(template.New("").Funcs(template.FuncMap{
		"style": func() template.CSS { return template.CSS(style) }, //nolint:gosec // it is our own file
	}).ParseFS(files, "templates/*.html"))
	style = mustRead("templates/style.css")
)

// policy is what a browser may do for a page: show it. The one style is known by
// its hash, so none that an archive brings along counts.
var policy = "default-src 'none'; img-src 'self' https:; style-src 'sha256-" + hashOf(style) + "'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func mustRead(name string) string {
	text, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded above, so this cannot be
	}
	return string(text)
}

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// Pages shows events.
type Pages struct {
	API api.API
}

// Event answers with the page of an event. What is not there for who asks is
// told on a page, too.
func (p Pages) Event(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	seen, err := p.API.See(r.Context(), who, r.PathValue("identifier"))
	if missing, ok := errors.AsType[*problem.Problem](err); ok && missing.Status == http.StatusNotFound {
		return write(w, http.StatusNotFound, "missing.html", nil)
	}
	if err != nil {
		return err
	}
	found, err := p.read(r.Context(), seen)
	if err != nil {
		return fmt.Errorf("page of event: %w", err)
	}
	w.Header().Set("Cache-Control", "private, no-store")
	if who == (auth.Identity{}) {
		w.Header().Set("Cache-Control", "public, max-age=60")
	}
	return write(w, http.StatusOK, "event.html", found.view())
}

// write sends a page.
func write(w http.ResponseWriter, status int, name string, view any) error {
	if status == http.StatusNotFound {
		w.Header().Set("Cache-Control", "no-store")
	}
	w.Header().Set("Referrer-Policy", "same-origin")
	return rendered.Write(w, status, policy, templates, name, view)
}
