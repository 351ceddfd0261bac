package desk

import (
	"cmp"
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
	ID, Name, State, Mark, When, Date string
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
			at := i.CreatedAt.UTC()
			line := importLine{
				ID: i.ID, Name: cmp.Or(i.FileName, "A file without a name"), State: stateWordsOf(i.Kind)[i.State], Mark: stateMarks[i.State],
				When: at.Format("2 Jan 2006, 15:04 UTC"), Date: at.Format("2006-01-02T15:04:05Z"),
			}
			if i.Result != nil && i.Result.EventName != "" {
				line.Name = i.Result.EventName
			}
			view.Imports = append(view.Imports, line)
		}
		return write(w, http.StatusOK, "home.html", view)
	})
}
