package desk

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
)

const (
	// sessionLife is how long somebody stays signed in: a long day.
	sessionLife = 12 * time.Hour
	// keepUsed is for how long a used code is remembered beyond its end, so that
	// clocks which differ do not bring one back.
	keepUsed = time.Hour
)

// signInView is what the page says of a try before. Later is for how long no other
// one counts, in words.
type signInView struct {
	Refused bool
	Later   string
}

// SignIn shows where one signs in.
func (d Desk) SignIn(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	view := signInView{Refused: query.Has("refused")}
	if query.Has("later") {
		view.Later = later(query.Get("later"))
	}
	return write(w, http.StatusOK, "signin.html", view)
}

// later says a number of seconds as people do. An address can be written by
// anybody, so nothing of it is repeated but a number that makes sense.
func later(seconds string) string {
	n, err := strconv.Atoi(seconds)
	switch {
	case err != nil || n < 1 || n > 24*60*60:
		return "in a while"
	case n == 1:
		return "in a second"
	case n < 100:
		return fmt.Sprintf("in %d seconds", n)
	}
	return fmt.Sprintf("in %d minutes", (n+59)/60)
}

// SignInByCode signs in who comes by a link, once for each link.
func (d Desk) SignInByCode(w http.ResponseWriter, r *http.Request) error {
	if r.Method == http.MethodHead { // who only looks where a link leads does not use it up
		see(w, "/")
		return nil
	}
	code, err := d.Verifier.VerifyCode(r.PathValue("code"))
	if errors.Is(err, auth.ErrBadToken) {
		return write(w, http.StatusGone, "used.html", nil)
	}
	if err != nil {
		return err
	}
	first, err := d.use(r, code)
	if err != nil {
		return err
	}
	if !first {
		return write(w, http.StatusGone, "used.html", nil)
	}
	// The code is used up from here on, also should the answer be lost: another
	// link is soon made, a link that counts twice is a hole.
	signer, err := auth.NewSigner(d.Auth)
	if err != nil {
		return err
	}
	token, err := signer.Issue(code.Identity, sessionLife)
	if err != nil {
		return err
	}
	auth.StartSession(w, token, time.Now().Add(sessionLife), d.Secure)
	see(w, "/")
	return nil
}

// use notes that a code has been used and tells whether it is the first time. Of
// two who come at once the key lets one through.
func (d Desk) use(r *http.Request, code auth.Code) (bool, error) {
	ctx := r.Context()
	if _, err := d.DB.ExecContext(ctx, `DELETE FROM query.signins WHERE expires_at < ?`, time.Now().Add(-keepUsed)); err != nil {
		return false, fmt.Errorf("used codes: %w", err)
	}
	result, err := d.DB.ExecContext(ctx, `INSERT INTO query.signins (jti, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING`, code.ID, code.Expires)
	if err != nil {
		return false, fmt.Errorf("use a code: %w", err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

// SignOut ends the session.
func (d Desk) SignOut(w http.ResponseWriter, r *http.Request) error {
	if http.NewCrossOriginProtection().Check(r) != nil {
		return problem.New(http.StatusForbidden, "cross_origin", "A page of another origin cannot end your session.")
	}
	auth.EndSession(w, d.Secure)
	see(w, "/signin")
	return nil
}
