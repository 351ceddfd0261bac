package desk

import (
	"net/http"
	"strings"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/filesize"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// historyView is the list of all imports that somebody sees.
type historyView struct {
	Top topView
	// All tells that imports of everybody are shown.
	All           bool
	States, Kinds []option
	Search        string
	// Narrowed tells that there may be more than what is asked for.
	Narrowed bool
	Lines    []historyLine
	Pager    pagerView
}

type historyLine struct {
	ID, Name, File, Kind, State, Mark, Who, Size string
	When                                         instant
	// Made is what it has made, or would make; Found is what was found in the file.
	Made, Found string
}

// History lists all imports of who asks, or of everybody for administrators.
func (d Desk) History() service.AuthenticatedFunc {
	return signedIn(func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		q, page, err := asked(r)
		if err != nil {
			return err
		}
		rows, total, err := d.Tasks.List(r.Context(), q, page, who)
		if err != nil {
			return err
		}
		top, err := d.top(r.Context(), who, "/imports")
		if err != nil {
			return err
		}
		view := historyView{
			Top: top, All: who.Admin, Search: q.Get("filter[search]"), Pager: pagerOf(r, page, len(rows), total),
			States: options(q, "filter[state]", "Any state", []contracts.State{
				contracts.Pending, contracts.Started, contracts.Success, contracts.Failure, contracts.Canceled, contracts.Discarded,
			}, func(s contracts.State) string { return stateWords[s] }),
			Kinds: options(q, "filter[kind]", "Everything", kinds(), kindWord),
		}
		for _, filter := range []string{"filter[state]", "filter[kind]", "filter[search]"} {
			view.Narrowed = view.Narrowed || q.Has(filter)
		}
		for _, i := range rows {
			view.Lines = append(view.Lines, historyLineOf(i))
		}
		return write(w, http.StatusOK, "history.html", view)
	})
}

func historyLineOf(i projection.Import) historyLine {
	line := historyLine{
		ID: i.ID, Name: nameOf(i), Kind: kindWord(i.Kind), State: stateWordsOf(i.Kind)[i.State], Mark: stateMarks[i.State],
		Who: i.OwnerEmail, Size: filesize.Word(i.Size), When: instantOf(i.CreatedAt), Made: broughtIn(i), Found: issuesLine(i.Issues()),
	}
	if line.Name != i.FileName {
		line.File = i.FileName
	}
	if !i.Kind.Uploaded() {
		line.Size = ""
		if i.Result != nil && i.Result.Exported != nil {
			line.Size = filesize.Word(i.Result.Size)
		}
	}
	if line.Who == "" {
		line.Who = i.OwnerSub
	}
	return line
}

// broughtIn says in one line what an import has made so far, or a check would make.
func broughtIn(i projection.Import) string {
	var parts []string
	progress := i.Task().Progress
	for _, t := range []contracts.EntityType{contracts.Sessions, contracts.Speakers, contracts.Users, contracts.MediaFiles} {
		n := progress[t].Done
		if i.Kind.Check() && i.Result != nil {
			n = i.Result.Counts[t]
		}
		if n > 0 {
			parts = append(parts, plural(n, oneOfType[t], strings.ToLower(typeWord(t))))
		}
	}
	if i.Kind.Check() && len(parts) > 0 {
		return "would be " + strings.Join(parts, ", ")
	}
	return strings.Join(parts, ", ")
}

var oneOfType = map[contracts.EntityType]string{
	contracts.Sessions: "session", contracts.Speakers: "speaker", contracts.Users: "user", contracts.MediaFiles: "picture or file",
}

// issuesLine says in one line what was found in a file.
func issuesLine(c contracts.IssueCounts) string {
	var parts []string
	if c.Error > 0 {
		parts = append(parts, plural(c.Error, "error", "errors"))
	}
	if c.Warning > 0 {
		parts = append(parts, plural(c.Warning, "warning", "warnings"))
	}
	return strings.Join(parts, ", ")
}

// kinds are all kinds of imports.
func kinds() []contracts.Kind {
	var all []contracts.Kind
	for _, p := range contracts.Pipelines() {
		all = append(all, p.Kind)
	}
	return all
}

// kindWord is what a kind of import is called.
func kindWord(k contracts.Kind) string {
	switch k {
	case contracts.EventArchive:
		return "Event"
	case contracts.EventCheck:
		return "Check of an event"
	case contracts.UserList:
		return "List of users"
	case contracts.ListCheck:
		return "Check of a list"
	case contracts.EventExport:
		return "Export of an event"
	}
	return string(k)
}
