package desk

import (
	"net/http"
	"strconv"

	"github.com/usher-events/usher/pkg/userlist"
)

// invitationView is what the page says of a try before. Least is how many characters a
// password needs, Later for how long no other try counts, in words.
type invitationView struct {
	Gone, Short, Long bool
	Later             string
	Least, Most       int
}

// Invitation shows where who was invited chooses a password. The token of the link is
// behind the "#", so that it comes to no server but in the form: the script puts it
// there, and who has no script does.
func (d Desk) Invitation(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	view := invitationView{Gone: query.Has("gone"), Long: query.Has("long"), Least: d.MinPassword, Most: userlist.MaxPassword}
	if n, err := strconv.Atoi(query.Get("short")); err == nil && n >= userlist.MinPassword && n <= userlist.MaxPassword {
		view.Short, view.Least = true, max(n, d.MinPassword)
	}
	if query.Has("later") {
		view.Later = later(query.Get("later"))
	}
	return write(w, http.StatusOK, "invitation.html", view)
}
