package desk

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// issuesShown is how many issues a page shows.
const issuesShown = 100

// importView is what the page of an import shows. The script keeps all of it up
// to date, so everything that can become visible is there, hidden or not.
type importView struct {
	Top      topView
	ID, Name string
	Version  int64
	Attempt  int
	Final    bool
	Mark     string
	Headline string
	Note     string
	// Stalled is the task's message where that says why nothing goes on.
	Stalled    string
	Waiting    string
	StateWords map[contracts.State]string
	Stages     []stageView
	Bars       []barView
	Kind       contracts.Kind
	// Would is there of the check of an archive only, Preview of that of a list.
	Would   []wouldView
	Preview *previewView
	// LeftOut is how many rows of a list are to be mended, where they may be had.
	LeftOut int
	Counts  contracts.IssueCounts
	Issues  []issueView
	// Total is how many issues there are, shown or not.
	Total  int
	Result *resultView
	Failed bool
	Reason string
}

type stageView struct {
	Stage             contracts.Stage
	Name, Doing, Mark string
	// Word is the mark for people.
	Word string
}

type barView struct {
	Type        contracts.EntityType
	Name        string
	Done, Total int
}

type issueView struct {
	Severity, Code, Word, File, Place, Message, Hint string
}

type resultView struct {
	// Event is the name of the event, and URL leads to it unless it was only
	// checked; or Users is what a list came to, in one line.
	Event, URL string
	Checked    bool
	Users      string
	Earlier    string
}

// wouldView is how many of a type an import of a checked archive would make.
type wouldView struct {
	Type contracts.EntityType
	Name string
	N    int
}

// Import shows one import.
func (d Desk) Import() service.AuthenticatedFunc {
	return signedIn(func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		i, err := d.Tasks.Find(r.Context(), r.PathValue("id"), who)
		if err != nil {
			return missing(w, err)
		}
		issues, total, err := d.Tasks.FirstIssues(r.Context(), i, issuesShown)
		if err != nil {
			return err
		}
		v := viewOf(i, issues, total)
		if v.Top, err = d.top(r.Context(), who, ""); err != nil {
			return err
		}
		if i.Kind == contracts.ListCheck && i.State.Final() {
			if v.Preview, err = d.preview(r.Context(), i); err != nil {
				return err
			}
		}
		if i.Kind == contracts.UserList && who.Admin {
			if v.LeftOut, err = d.leftOut(r.Context(), i); err != nil {
				return err
			}
		}
		return write(w, http.StatusOK, "import.html", v)
	})
}

// leftOut is how many rows of a list are to be mended. An attempt with mended rows that
// has failed has no result to tell it.
func (d Desk) leftOut(ctx context.Context, i projection.Import) (int, error) {
	switch {
	case i.State == contracts.Failure:
		return d.Tasks.CountFailedRows(ctx, i)
	case i.State == contracts.Success && i.Result != nil && i.Result.Accounts != nil:
		return i.Result.Failed, nil
	}
	return 0, nil
}

func viewOf(i projection.Import, issues []contracts.Issue, total int) importView {
	task := i.Task()
	pipeline, _ := contracts.PipelineOf(i.Kind)
	v := importView{
		ID: i.ID, Kind: i.Kind, Name: cmp.Or(i.FileName, "A file without a name"), Version: i.Version, Attempt: i.Attempt,
		Final: i.State.Final(), Mark: stateMarks[i.State], Headline: headline(i), Note: i.Note,
		Waiting: stateWords[contracts.Pending], StateWords: stateWordsOf(i.Kind),
		Counts: i.Issues(), Total: total, Failed: i.State == contracts.Failure, Reason: i.Failure,
	}
	if i.Stalled() {
		v.Stalled = task.Message
	}
	for _, s := range pipeline.Stages {
		words, mark := wordsOf(i.Kind, s), markOf(pipeline, i, s)
		view := stageView{Stage: s, Name: words.name, Doing: words.doing, Mark: mark, Word: mark}
		if v.Final && mark == markWaiting {
			view.Word = "not begun" // nothing is waiting any more
		}
		v.Stages = append(v.Stages, view)
	}
	for _, t := range contracts.EntityTypes() {
		if i.Kind.Check() {
			if !i.Kind.List() && t != contracts.Users {
				v.Would = append(v.Would, wouldView{Type: t, Name: typeWord(t), N: would(i, t)})
			}
			continue
		}
		if pipeline.Position(t.Maker()) > 0 && (t == contracts.Users) == i.Kind.List() {
			v.Bars = append(v.Bars, barView{Type: t, Name: typeWord(t), Done: task.Progress[t].Done, Total: task.Progress[t].Total})
		}
	}
	for _, found := range issues {
		v.Issues = append(v.Issues, issueView{
			Severity: string(found.Severity), Code: found.Code, Word: severityWords[found.Severity],
			File: found.File, Place: place(found), Message: found.Message, Hint: found.Hint,
		})
	}
	if i.State == contracts.Success && i.Result != nil {
		v.Result = &resultView{
			Event: i.Result.EventName, URL: web(i.Result.URL), Checked: i.Result.DryRun,
			Earlier: i.Result.EarlierImport,
		}
		switch {
		case i.Result.Accounts != nil && i.Kind.Check():
			v.Result.Users = i.Result.Would()
		case i.Result.Accounts != nil:
			v.Result.Users = i.Result.String()
		}
	}
	return v
}

// would says how many of a type the import of a checked archive would make.
func would(i projection.Import, t contracts.EntityType) int {
	if i.Result == nil {
		return 0
	}
	return i.Result.Counts[t]
}

// place is where in its file an issue stands.
func place(found contracts.Issue) string {
	switch {
	case found.Line == 0:
		return ""
	case found.Column == 0:
		return strconv.Itoa(found.Line)
	}
	return fmt.Sprintf("%d, column %d", found.Line, found.Column)
}

// headline is one line on how far an import is.
func headline(i projection.Import) string {
	if i.State != contracts.Started || i.WaitingFor != "" {
		if i.State.Final() {
			return stateWordsOf(i.Kind)[i.State]
		}
		return stateWords[contracts.Pending]
	}
	return wordsOf(i.Kind, i.Stage).doing
}

// markOf says how far a stage is.
func markOf(p contracts.Pipeline, i projection.Import, s contracts.Stage) string {
	at := cmp.Or(i.WaitingFor, i.Stage)
	switch {
	case s == contracts.Ingest || i.State == contracts.Success || at != "" && p.Position(s) < p.Position(at):
		return markDone
	case s != at || i.State == contracts.Pending || i.WaitingFor != "":
		return markWaiting
	case i.State.Final():
		return markFailed
	}
	return markRunning
}

// web returns an address that a page may lead to, or nothing.
func web(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return address
}
