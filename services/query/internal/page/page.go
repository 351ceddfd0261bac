// Package page shows an event as pages for people: the event with its schedule,
// each session, its speakers, and the schedule as a calendar. They are rendered
// here and whole without a script. None carries what grows with the event, so
// that every one is light however large the event is.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/services/query/internal/api"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
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

// policyOf is what a browser may do for a page: show it, and run the scripts of
// this origin. The styles are known by their hashes, so none that an archive
// brings along counts.
// Where a page has a form of ours, forms may go to this origin.
func policyOf(f *frame) string {
	forms := "'none'"
	if f.Owned {
		forms = "'self'"
	}
	sheet := f.Sheet
	styles := "'sha256-" + hashOf(style) + "'"
	if sheet != "" {
		styles += " 'sha256-" + hashOf(string(sheet)) + "'"
	}
	return "default-src 'none'; script-src 'self'; img-src 'self' https:; style-src " + styles + "; " +
		"base-uri 'none'; form-action " + forms + "; frame-ancestors 'none'"
}

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

// Event answers with the page of an event.
func (p Pages) Event(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	return p.show(w, r, who, "event.html", func(seen api.Seen) (view, error) {
		found, err := p.readEvent(r.Context(), seen)
		if err != nil {
			return nil, err
		}
		f := p.frame(found.about)
		f.Owned = seen.Whole()
		return newEventView(found, f, wishOf(r.URL.Query())), nil
	})
}

// Session answers with the page of one session.
func (p Pages) Session(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	return p.show(w, r, who, "session.html", func(seen api.Seen) (view, error) {
		found, err := p.readSession(r.Context(), seen, r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return newSessionView(found, p.frame(found.about)), nil
	})
}

// Speakers answers with all speakers of an event, some hundreds on a page.
func (p Pages) Speakers(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	return p.show(w, r, who, "speakers.html", func(seen api.Seen) (view, error) {
		number, err := strconv.Atoi(r.URL.Query().Get("page"))
		if err != nil {
			number = 1
		}
		found, err := p.readSpeakers(r.Context(), seen, number)
		if err != nil {
			return nil, err
		}
		return newSpeakersView(found, p.frame(found.about)), nil
	})
}

// Speaker answers with the page of one speaker.
func (p Pages) Speaker(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	return p.show(w, r, who, "speaker.html", func(seen api.Seen) (view, error) {
		found, err := p.readSpeaker(r.Context(), seen, r.PathValue("id"))
		if err != nil {
			return nil, err
		}
		return newSpeakerView(found, p.frame(found.about)), nil
	})
}

// view is what a template shows; every one has the frame of the page.
type view interface{ framed() *frame }

// show answers with a page of an event. What is not there for who asks is told
// on a page, too.
func (p Pages) show(w http.ResponseWriter, r *http.Request, who auth.Identity, name string, make func(api.Seen) (view, error)) error {
	seen, err := p.API.See(r.Context(), who, r.PathValue("identifier"))
	var shown view
	if err == nil {
		shown, err = make(seen)
	}
	if missing, ok := errors.AsType[*problem.Problem](err); ok && missing.Status == http.StatusNotFound {
		w.Header().Set("Cache-Control", "no-store")
		return write(w, http.StatusNotFound, &frame{}, "missing.html", nil)
	}
	if err != nil {
		return fmt.Errorf("page of event: %w", err)
	}
	keep(w, who)
	return write(w, http.StatusOK, shown.framed(), name, shown)
}

// keep says for how long an answer may be kept: where somebody is signed in it
// may hold what others do not see.
func keep(w http.ResponseWriter, who auth.Identity) {
	if who == (auth.Identity{}) {
		w.Header().Set("Cache-Control", "public, max-age=60")
		return
	}
	w.Header().Set("Cache-Control", "private, no-store")
}

// write sends a page.
func write(w http.ResponseWriter, status int, f *frame, name string, view any) error {
	w.Header().Set("Referrer-Policy", "same-origin")
	return rendered.Write(w, status, policyOf(f), templates, name, view)
}

// idOf reads the id in a path.
func idOf(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 || strconv.FormatInt(id, 10) != text {
		return 0, jsonapi.NotFound()
	}
	return id, nil
}

// wishOf is what the address of an event's page asks for.
func wishOf(query url.Values) wish {
	return wish{view: query.Get("view"), part: query.Get("day")}
}
