package accounts

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/pkg/userlist"
)

// acceptance is the body of POST /v1/invitations/accept.
type acceptance struct {
	Token    string `json:"token"`
	Password string `json:"password"`
}

var (
	// errNoInvitation says that a token was never one of ours.
	errNoInvitation = problem.New(http.StatusBadRequest, "invitation_malformed", "This is not the link of an invitation; perhaps a part of it is missing.")
	// errInvitationGone is one answer for all reasons why an invitation counts no more.
	errInvitationGone = problem.New(http.StatusGone, "invitation_gone",
		"This invitation has been followed, has expired, or another one has taken its place.")
)

// badPassword says why a password cannot be.
type badPassword struct{ fault userlist.Fault }

func (e *badPassword) Error() string { return e.fault.Message }

// AcceptInvitation answers POST /v1/invitations/accept, with which somebody chooses the
// first password of an account and is signed in: programs, which send JSON, get a token,
// and the form of the page a session of the browser.
func (a *Accounts) AcceptInvitation(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	r.Body = http.MaxBytesReader(w, r.Body, maxSignIn)
	switch media {
	case "application/json":
		return a.acceptByJSON(w, r)
	case "application/x-www-form-urlencoded":
		return a.acceptByForm(w, r)
	}
	return problem.New(http.StatusUnsupportedMediaType, "not_json", "The body must be application/json, or the form of the page.")
}

func (a *Accounts) acceptByJSON(w http.ResponseWriter, r *http.Request) error {
	var sent acceptance
	if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
		// The decoder's words may repeat a part of the password.
		return unreadable(err, `The body must be an object: {"token": "…", "password": "…"}.`)
	}
	s, err := a.accept(w, r, sent)
	if bad, ok := errors.AsType[*badPassword](err); ok {
		return invalid([]fault{fault(bad.fault)})
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(s)
}

// acceptByForm is for browsers; see signInByForm. The page knows the token by itself, so
// it is not in the address that leads back.
func (a *Accounts) acceptByForm(w http.ResponseWriter, r *http.Request) error {
	if http.NewCrossOriginProtection().Check(r) != nil {
		return problem.New(http.StatusForbidden, "cross_origin", "Only Usher's own page can follow an invitation by a form.")
	}
	if err := r.ParseForm(); err != nil {
		return unreadable(err, "The body must be a form with token and password.")
	}
	s, err := a.accept(w, r, acceptance{Token: r.PostForm.Get("token"), Password: r.PostForm.Get("password")})
	bad, answer := (*badPassword)(nil), (*problem.Problem)(nil)
	switch {
	case err == nil:
		auth.StartSession(w, s.Token, s.ExpiresAt, a.secure)
		w.Header().Set("Location", "/")
	case errors.Is(err, errNoInvitation), errors.Is(err, errInvitationGone):
		w.Header().Set("Location", "/invitation?gone=1")
	case errors.As(err, &bad) && bad.fault.Code == userlist.CodeTooLong:
		w.Header().Set("Location", "/invitation?long=1")
	case errors.As(err, &bad):
		w.Header().Set("Location", "/invitation?short="+strconv.Itoa(max(a.rules.MinPassword, userlist.MinPassword)))
	case errors.As(err, &answer) && answer.Status == http.StatusTooManyRequests:
		w.Header().Set("Location", "/invitation?later="+w.Header().Get("Retry-After"))
		w.Header().Del("Retry-After") // it belongs to the answer that this is not
	default:
		return err
	}
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// accept gives the account of an invitation its password and makes a session of it.
// What fails for the token counts against the client, as a sign-in that fails does.
func (a *Accounts) accept(w http.ResponseWriter, r *http.Request, sent acceptance) (session, error) {
	from := client(r)
	if wait := a.byClient.take(from, time.Now()); wait > 0 {
		return session{}, tooMany(w, wait, "too_many_attempts", "Following invitations, or signing in, has failed too often.")
	}
	found, err := a.open(w, r, sent)
	if !errors.Is(err, errNoInvitation) && !errors.Is(err, errInvitationGone) {
		a.byClient.giveBack(from)
	}
	if err != nil {
		return session{}, err
	}
	return a.session(found)
}

func (a *Accounts) open(w http.ResponseWriter, r *http.Request, sent acceptance) (account, error) {
	inv, err := a.inviter.Read(sent.Token)
	if err != nil {
		return account{}, errNoInvitation
	}
	if time.Now().After(inv.Expires) {
		return account{}, errInvitationGone
	}
	const waits = "subject = ? AND invitation = ? AND password_hash IS NULL"
	var found account
	err = a.db.NewSelect().Model(&found).Where(waits, inv.Account, inv.Number).Scan(r.Context())
	if errors.Is(err, sql.ErrNoRows) {
		return account{}, errInvitationGone
	}
	if err != nil {
		return account{}, fmt.Errorf("account of an invitation: %w", err)
	}
	if fault := a.rules.FaultOfPassword(sent.Password); fault != nil {
		return account{}, &badPassword{*fault}
	}
	if err := a.slots.take(r.Context(), w); err != nil {
		return account{}, err
	}
	hash := auth.HashPassword(sent.Password)
	a.slots.release()
	// Of two who come at once the row lets one through.
	done, err := a.db.NewUpdate().Model(&found).Set("password_hash = ?", hash).Where(waits, inv.Account, inv.Number).Exec(r.Context())
	if err != nil {
		return account{}, fmt.Errorf("follow an invitation: %w", err)
	}
	n, err := done.RowsAffected()
	if err == nil && n == 0 {
		err = errInvitationGone
	}
	return found, err
}

// newInvitation is the body of POST /v1/invitations.
type newInvitation struct {
	User string `json:"user"`
}

// InviteAgain answers POST /v1/invitations: the account gets an invitation of the next
// number, and the links before it are dead. The notify service sees the number and
// writes the mail. The route is for administrators.
func (a *Accounts) InviteAgain(w http.ResponseWriter, r *http.Request, _ auth.Identity) error {
	var sent newInvitation
	if err := readJSON(w, r, &sent, `The body must be an object: {"user": "…"}.`); err != nil {
		return err
	}
	const none = "There is no such account."
	id, err := strconv.ParseInt(sent.User, 10, 64)
	if err != nil {
		return notFound(none)
	}
	var found account
	err = a.db.NewSelect().Model(&found).Where("id = ?", id).Scan(r.Context())
	if errors.Is(err, sql.ErrNoRows) {
		return notFound(none)
	}
	if err != nil {
		return fmt.Errorf("account to be invited again: %w", err)
	}
	done, err := a.db.NewUpdate().Model(&found).Set("invitation = coalesce(invitation, 1) + 1").
		Where("id = ? AND password_hash IS NULL", id).Exec(r.Context())
	if err != nil {
		return fmt.Errorf("invite again: %w", err)
	}
	n, err := done.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return problem.New(http.StatusConflict, "password_chosen", "The account has a password, so there is nothing to invite to.")
	}
	return write(w, http.StatusAccepted, map[string]any{"data": found.resource()})
}
