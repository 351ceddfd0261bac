package desk

import (
	"net/http"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/service"
)

// importsShown is how many imports the first page lists.
const importsShown = 20

// homeView is what the first page shows.
type homeView struct {
	Top     topView
	Admin   bool
	Imports []importLine
}

// importLine is one import of a list. Mark is its state for the style.
type importLine struct {
	ID, Name, State, Mark string
	When                  instant
}

// Home shows where a file is handed in, and the newest imports.
func (d Desk) Home() service.AuthenticatedFunc {
	return signedIn(func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		rows, err := d.Tasks.Newest(r.Context(), who, importsShown)
		if err != nil {
			return err
		}
		top, err := d.top(r.Context(), who, "/")
		if err != nil {
			return err
		}
		view := homeView{Top: top, Admin: who.Admin}
		for _, i := range rows {
			view.Imports = append(view.Imports, importLine{
				ID: i.ID, Name: nameOf(i), State: stateWordsOf(i.Kind)[i.State], Mark: stateMarks[i.State], When: instantOf(i.CreatedAt),
			})
		}
		return write(w, http.StatusOK, "home.html", view)
	})
}
