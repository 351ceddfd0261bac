// Package desk is where organizers hand in a file and see what becomes of it:
// pages that are rendered here and readable without a script, and a script that
// uploads with a bar and keeps the page of an import up to date. The query
// service has the routes.
package desk

import (
	"embed"
	"errors"
	"html/template"
	"net/http"
	"strings"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/userlist"
	"github.com/usher-events/usher/services/query/internal/dead"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
	"github.com/usher-events/usher/services/query/internal/rendered"
	"github.com/usher-events/usher/services/query/internal/stages"
	"github.com/usher-events/usher/services/query/internal/tasks"
)

//go:embed templates/*.html
var files embed.FS

var templates = template.Must(template.ParseFS(files, "templates/*.html"))

// policy is what a browser may do for a page. Nothing stands inline, so that
// nothing that a file brings along can be script or style.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Desk has the pages.
type Desk struct {
	DB    *bun.DB
	Tasks tasks.Tasks
	// Verifier and Auth are for those who sign in: one says whom a code is for,
	// the other signs their session.
	Verifier *auth.Verifier
	Auth     auth.Config
	// Secure says that people reach the pages by https only.
	Secure bool
	// MinPassword is how many characters a password needs.
	MinPassword int
	// Inviter makes the links of the invitations that are kept here; Site and
	// InvitationURL are how people reach Usher and where they follow one.
	Inviter       *auth.Inviter
	Site          string
	InvitationURL func(token string) string
	// Stages and Dead know how the stages are doing, and what nobody could read.
	Stages stages.Stages
	Dead   dead.Letters
}

// New returns the pages of a process.
func New(res *service.Resources, t tasks.Tasks) Desk {
	inviter, err := auth.NewInviter(res.Config.Auth)
	if err != nil {
		panic(err) // the same settings have made a verifier already
	}
	return Desk{
		DB: res.DB, Tasks: t, Verifier: res.Auth, Auth: res.Config.Auth,
		Secure:      strings.HasPrefix(res.Config.PublicURL, "https://"),
		MinPassword: max(res.Config.PasswordMin, userlist.MinPassword),
		Inviter:     inviter, Site: res.Config.PublicURL, InvitationURL: res.Config.InvitationURL,
		Stages: stages.Stages{Broker: res.Broker}, Dead: dead.Letters{Broker: res.Broker, Log: res.Log},
	}
}

// signedIn shows a page to who has signed in, and leads others to where one does.
func signedIn(f service.AuthenticatedFunc) service.AuthenticatedFunc {
	return func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		if who == (auth.Identity{}) {
			w.Header().Add("Vary", "Authorization, Cookie")
			see(w, "/signin")
			return nil
		}
		return f(w, r, who)
	}
}

// administrators shows a page to administrators. For others who have signed in it is not
// there.
func administrators(f service.AuthenticatedFunc) service.AuthenticatedFunc {
	return signedIn(func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		if !who.Admin {
			return missing(w, jsonapi.NotFound())
		}
		return f(w, r, who)
	})
}

// see leads to another page.
func see(w http.ResponseWriter, path string) {
	w.Header().Set("Cache-Control", "private, no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusSeeOther)
}

// missing shows a page in place of the problem that something is not there.
func missing(w http.ResponseWriter, err error) error {
	if p, ok := errors.AsType[*problem.Problem](err); ok && p.Status == http.StatusNotFound {
		return write(w, http.StatusNotFound, "missing.html", nil)
	}
	return err
}

// write sends a page, which is for nobody else and tells nobody where it was.
func write(w http.ResponseWriter, status int, name string, view any) error {
	w.Header().Set("Cache-Control", "private, no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	return rendered.Write(w, status, policy, templates, name, view)
}
