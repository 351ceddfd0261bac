package accounts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/pkg/userlist"
)

const (
	// sessionLife is how long somebody stays signed in. An account that goes in the
	// meantime keeps its token until then.
	sessionLife = 12 * time.Hour
	// maxSignIn is how many bytes the body of a sign-in may have.
	maxSignIn = 4 << 10
	// maxLogin is how many bytes a login may have, blanks included: what is longer
	// belongs to nobody, and would be remembered as an attempt.
	maxLogin = userlist.MaxEmail
)

// credentials are what somebody signs in with.
type credentials struct {
	// Login is a nick or an e-mail address.
	Login    string `json:"login"`
	Password string `json:"password"`
}

// session is what somebody who has signed in gets.
type session struct {
	Token     string    `json:"token"`
	TokenType string    `json:"token_type"`
	ExpiresAt time.Time `json:"expires_at"`
	User      signedIn  `json:"user"`
}

type signedIn struct {
	ID    string `json:"id"`
	Nick  string `json:"nick"`
	Email string `json:"email"`
	Admin bool   `json:"admin"`
}

// errRefused says that login and password do not belong together. It is one answer for
// all reasons, so that nobody learns who has an account.
var errRefused = problem.New(http.StatusUnauthorized, "sign_in_refused", "There is no account with this login and this password.")

// SignIn answers POST /v1/auth/session: to programs, which send JSON, with a token, and
// to the form of a page with a session of the browser.
func (a *Accounts) SignIn(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	r.Body = http.MaxBytesReader(w, r.Body, maxSignIn)
	switch media {
	case "application/json":
		return a.signInByJSON(w, r)
	case "application/x-www-form-urlencoded":
		return a.signInByForm(w, r)
	}
	return problem.New(http.StatusUnsupportedMediaType, "not_json", "The body must be application/json, or the form of the page.")
}

func (a *Accounts) signInByJSON(w http.ResponseWriter, r *http.Request) error {
	var c credentials
	if err := json.NewDecoder(r.Body).Decode(&c); err != nil {
		// The decoder's words may repeat a part of the password.
		return unreadable(err, `The body must be an object: {"login": "…", "password": "…"}.`)
	}
	s, err := a.signIn(w, r, c)
	if errors.Is(err, errRefused) {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(s)
}

// signInByForm is for browsers, which any page can make send a form: being signed in as
// somebody else without noticing is an attack, too.
func (a *Accounts) signInByForm(w http.ResponseWriter, r *http.Request) error {
	if http.NewCrossOriginProtection().Check(r) != nil {
		return problem.New(http.StatusForbidden, "cross_origin", "Only Usher's own page can sign in by a form.")
	}
	if err := r.ParseForm(); err != nil {
		return unreadable(err, "The body must be a form with login and password.")
	}
	// PostForm: what stands in the address is not taken, because addresses are logged.
	s, err := a.signIn(w, r, credentials{Login: r.PostForm.Get("login"), Password: r.PostForm.Get("password")})
	answer := (*problem.Problem)(nil)
	switch {
	case err == nil:
		auth.StartSession(w, s.Token, s.ExpiresAt, a.secure)
		w.Header().Set("Location", "/")
	case errors.Is(err, errRefused):
		w.Header().Set("Location", "/signin?refused=1")
	case errors.As(err, &answer) && answer.Status == http.StatusTooManyRequests:
		// The page says that it was not a matter of the password, and for how long.
		w.Header().Set("Location", "/signin?later="+w.Header().Get("Retry-After"))
		w.Header().Del("Retry-After") // it belongs to the answer that this is not
	default:
		return err
	}
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

func unreadable(err error, detail string) error {
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return problem.New(http.StatusRequestEntityTooLarge, "too_large", "The body is larger than it may be.")
	}
	return problem.New(http.StatusBadRequest, "malformed_document", detail)
}

// signIn makes a session for who knows the password.
func (a *Accounts) signIn(w http.ResponseWriter, r *http.Request, c credentials) (session, error) {
	found, err := a.known(r.Context(), w, client(r), c)
	if err != nil {
		return session{}, err
	}
	return a.session(found)
}

// session makes a session of an account.
func (a *Accounts) session(found account) (session, error) {
	// A token tells its end in whole seconds.
	expires := time.Now().Add(sessionLife).Truncate(time.Second)
	token, err := a.signer.Issue(auth.Identity{Subject: found.Subject, Email: found.Email, Admin: found.Admin}, sessionLife)
	if err != nil {
		return session{}, err
	}
	return session{
		Token: token, TokenType: "Bearer", ExpiresAt: expires.UTC(),
		User: signedIn{ID: strconv.FormatInt(found.ID, 10), Nick: found.Nick, Email: found.Email, Admin: found.Admin},
	}, nil
}

// known returns the account that login and password belong to. Where there is none it
// has done the same work as for a wrong password, so that the time does not tell.
func (a *Accounts) known(ctx context.Context, w http.ResponseWriter, from string, c credentials) (account, error) {
	if len(c.Login) > maxLogin {
		return account{}, errRefused
	}
	key := userlist.Key(c.Login)
	if key == "" || c.Password == "" || len(c.Password) > userlist.MaxPassword {
		return account{}, errRefused
	}
	now := time.Now()
	const tooOften = "Signing in has failed too often."
	if wait := a.byClient.take(from, now); wait > 0 {
		return account{}, tooMany(w, wait, "too_many_attempts", tooOften)
	}
	if wait := a.byLogin.take(key, now); wait > 0 {
		a.byClient.giveBack(from) // nothing has been tried
		return account{}, tooMany(w, wait, "too_many_attempts", tooOften)
	}
	found, err := a.checked(ctx, w, key, c.Password)
	if !errors.Is(err, errRefused) {
		// Neither a success nor what is our own fault is a guess that failed.
		a.byClient.giveBack(from)
		a.byLogin.giveBack(key)
	}
	return found, err
}

func (a *Accounts) checked(ctx context.Context, w http.ResponseWriter, key, password string) (account, error) {
	found, err := a.find(ctx, key)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return account{}, err
	}
	// Nobody has such a login, or has chosen a password yet.
	closed := found.PasswordHash == ""
	hash := found.PasswordHash
	if closed {
		hash = a.nobody
	}
	if err := a.slots.take(ctx, w); err != nil {
		return account{}, err
	}
	defer a.slots.release()
	if !auth.PasswordMatches(hash, password) || closed {
		return account{}, errRefused
	}
	if !auth.HashUsual(hash) {
		return found, a.rehash(ctx, found, password)
	}
	return found, nil
}

// rehash replaces a hash that another program has made, now that the password is
// known. Where the account has got another one meanwhile, that stays.
func (a *Accounts) rehash(ctx context.Context, of account, password string) error {
	_, err := a.db.NewUpdate().Table("people.users").Set("password_hash = ?", auth.HashPassword(password)).
		Where("id = ?", of.ID).Where("password_hash = ?", of.PasswordHash).Exec(ctx)
	if err != nil {
		return fmt.Errorf("hash a password anew: %w", err)
	}
	return nil
}

// find reads the account whose nick or e-mail address has a key. A nick that somebody
// else has as an address comes first: it is what most people type.
func (a *Accounts) find(ctx context.Context, key string) (account, error) {
	var found account
	if !postgres.Storable(key) {
		return found, sql.ErrNoRows
	}
	err := a.db.NewSelect().Model(&found).Where("nick_key = ? OR email_key = ?", key, key).
		OrderExpr("nick_key = ? DESC", key).Limit(1).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return found, fmt.Errorf("account of a login: %w", err)
	}
	return found, err
}
