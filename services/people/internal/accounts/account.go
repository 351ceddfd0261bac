package accounts

import (
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/services/people/internal/profile"
)

// account is a row of people.users.
type account struct {
	bun.BaseModel `bun:"table:people.users,alias:u"`

	ID       int64   `bun:"id,autoincrement"`
	ImportID *string `bun:"import_id"`
	Subject  string  `bun:"subject,nullzero,default:gen_random_uuid()"`
	profile.Profile
	// PasswordHash is empty where no password was chosen yet.
	PasswordHash string    `bun:"password_hash,nullzero"`
	Invitation   int       `bun:"invitation,nullzero"`
	CreatedAt    time.Time `bun:"created_at,nullzero,default:now()"`
}

// resource is an account as it is shown, in the form of JSON:API.
type resource struct {
	Type       string     `json:"type"`
	ID         string     `json:"id"`
	Attributes attributes `json:"attributes"`
	Links      links      `json:"links"`
}

type links struct {
	Self string `json:"self"`
}

// attributes are what is shown of an account. There is no way for the hash of the
// password to be among them.
type attributes struct {
	Nick           string    `json:"nick"`
	Email          string    `json:"email"`
	FirstName      *string   `json:"first-name"`
	LastName       *string   `json:"last-name"`
	Age            *int      `json:"age"`
	City           *string   `json:"city"`
	Mobile         *string   `json:"mobile"`
	Pronoun        *string   `json:"pronoun"`
	DECT           *string   `json:"dect"`
	TShirtSize     *string   `json:"tshirt-size"`
	PlannedArrival *string   `json:"planned-arrival"`
	TimeZone       *string   `json:"time-zone"`
	Organization   *string   `json:"organization"`
	Web            *string   `json:"web"`
	Admin          bool      `json:"admin"`
	Invited        bool      `json:"invited"`
	Import         *string   `json:"import"`
	CreatedAt      time.Time `json:"created-at"`
}

func (a account) resource() resource {
	r := resource{
		Type: "user", ID: strconv.FormatInt(a.ID, 10),
		Attributes: attributes{
			Nick: a.Nick, Email: a.Email, FirstName: known(a.FirstName), LastName: known(a.LastName), Age: a.Age, City: known(a.City),
			Mobile: known(a.Mobile), Pronoun: known(a.Pronoun), DECT: known(a.DECT), TShirtSize: known(a.TShirtSize),
			TimeZone: known(a.TimeZone), Organization: known(a.Organization), Web: known(a.Web),
			Admin: a.Admin, Invited: a.PasswordHash == "", Import: a.ImportID, CreatedAt: a.CreatedAt.UTC(),
		},
		Links: links{Self: path(a.ID)},
	}
	if !a.PlannedArrival.IsZero() {
		r.Attributes.PlannedArrival = new(a.PlannedArrival.Format(time.DateOnly))
	}
	return r
}

// known is nil for an empty text.
func known(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func path(id int64) string { return "/v1/users/" + strconv.FormatInt(id, 10) }
