package accounts

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/pkg/userlist"
	"github.com/usher-events/usher/services/people/internal/profile"
)

// maxNew is how many bytes the body of a new account may have.
const maxNew = 16 << 10

// newAccount is the body of POST /v1/users.
type newAccount struct {
	Nick           string `json:"nick"`
	Email          string `json:"email"`
	Password       string `json:"password"`
	FirstName      string `json:"first_name"`
	LastName       string `json:"last_name"`
	Age            *int   `json:"age"`
	City           string `json:"city"`
	Mobile         string `json:"mobile"`
	Pronoun        string `json:"pronoun"`
	DECT           string `json:"dect"`
	TShirtSize     string `json:"tshirt_size"`
	PlannedArrival string `json:"planned_arrival"`
	TimeZone       string `json:"time_zone"`
	Organization   string `json:"organization"`
	Web            string `json:"web"`
	Admin          bool   `json:"admin"`
}

// members are those of a new account, for who sends another.
const members = "nick, email, password, first_name, last_name, age, city, mobile, pronoun, dect, tshirt_size, planned_arrival, time_zone, organization, web and admin"

// fault is one thing that is wrong with a new account.
type fault struct {
	Field   userlist.Field `json:"field"`
	Code    string         `json:"code"`
	Message string         `json:"message"`
	Hint    string         `json:"hint,omitempty"`
}

// Add answers POST /v1/users. The route is for administrators.
func (a *Accounts) Add(w http.ResponseWriter, r *http.Request, _ auth.Identity) error {
	var sent newAccount
	if err := readJSON(w, r, &sent, "The body must be an object of "+members+"."); err != nil {
		return err
	}
	user, faults := sent.user(a.rules)
	if len(faults) > 0 {
		return invalid(faults)
	}
	if err := a.slots.take(r.Context(), w); err != nil {
		return err
	}
	hash := auth.HashPassword(user.Password)
	a.slots.release()

	row := account{Profile: profile.Of(user), PasswordHash: hash}
	// No look before whether nick and address are free: of two that come at once only
	// the keys of the table know which is the first.
	if err := a.db.NewInsert().Model(&row).Returning("id, created_at").Scan(r.Context()); err != nil {
		switch postgres.ViolatedKey(err) {
		case "users_nick_key_key":
			return problem.New(http.StatusConflict, "nick_taken", "Another account has this nick.")
		case "users_email_key_key":
			return problem.New(http.StatusConflict, "email_taken", "Another account has this e-mail address.")
		}
		return fmt.Errorf("add an account: %w", err)
	}
	w.Header().Set("Location", path(row.ID))
	return write(w, http.StatusCreated, map[string]any{"data": row.resource()})
}

// readJSON reads the body of an administrator's request; detail says how it must be.
func readJSON(w http.ResponseWriter, r *http.Request, sent any, detail string) error {
	if media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); media != "application/json" {
		return problem.New(http.StatusUnsupportedMediaType, "not_json", "The body must be application/json.")
	}
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxNew))
	body.DisallowUnknownFields() // one that is misspelt would be lost silently
	if err := body.Decode(sent); err != nil {
		// The decoder's words may repeat a part of the password.
		return unreadable(err, detail)
	}
	return nil
}

// user returns the user that was sent, and all that is wrong with it.
func (n newAccount) user(rules userlist.Rules) (userlist.User, []fault) {
	user := userlist.User{Password: n.Password, Age: n.Age, Admin: n.Admin}
	var faults []fault
	for _, text := range []struct {
		field userlist.Field
		value string
	}{
		{userlist.Nick, n.Nick},
		{userlist.Email, n.Email},
		{userlist.FirstName, n.FirstName},
		{userlist.LastName, n.LastName},
		{userlist.City, n.City},
		{userlist.Mobile, n.Mobile},
		{userlist.Pronoun, n.Pronoun},
		{userlist.DECT, n.DECT},
		{userlist.TShirtSize, n.TShirtSize},
		{userlist.PlannedArrival, n.PlannedArrival},
		{userlist.TimeZone, n.TimeZone},
		{userlist.Organization, n.Organization},
		{userlist.Web, n.Web},
	} {
		if f := user.Take(text.field, text.value); f != nil {
			faults = append(faults, fault(*f))
		}
	}
	for _, f := range rules.Faults(user) {
		// What cannot be read is not missing.
		if !slices.ContainsFunc(faults, func(told fault) bool { return told.Field == f.Field }) {
			faults = append(faults, fault(f))
		}
	}
	return user, faults
}

// invalid tells all faults: one by one to programs, in one line to people.
func invalid(faults []fault) error {
	var lines []string
	for _, f := range faults {
		lines = append(lines, fmt.Sprintf("%s: %s.", f.Field, f.Message))
	}
	return problem.New(http.StatusUnprocessableEntity, "invalid_user", strings.Join(lines, " ")).With("errors", faults)
}
