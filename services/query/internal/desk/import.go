package desk

import (
	"cmp"
	"fmt"
	"net/http"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/query/internal/projection"
	"github.com/usher-events/usher/services/query/internal/tasks"
)

// importView is what the page of an import shows. The script exchanges its parts for those
// of the page as it is rendered anew, so a part is there also where it has nothing to show.
type importView struct {
	Top      topView
	ID, Name string
	Kind     contracts.Kind
	Version  int64
	Attempt  int
	Final    bool
	// Cleaning tells that stages are still removing what they have made.
	Cleaning bool
	Mark     string
	Headline string
	// Note says why a stage tries again, Stalled why nothing goes on.
	Note, Stalled string
	Stages        []stageView
	Bars          []barView
	Result        *resultView
	Failure       *failureView
	// Preview is of the check of a list.
	Preview *previewView
	// LeftOut is of the rows of a list that are to be mended, for who may have them.
	LeftOut *leftOutView
	// MayReplay and MayStart tell whether buttons for that can do something.
	MayReplay, MayStart bool

	// ListsUsers leads to the accounts of the import.
	ListsUsers bool
	Commands   []command
	Findings   findingsView
	Attempts   []attemptView
}

type barView struct {
	Type        contracts.EntityType
	Name        string
	Done, Total int
}

type failureView struct {
	Reason string
	// Mend tells that the file has errors, so that the same one would fail again.
	Mend bool
}

// Import shows one import.
func (d Desk) Import() service.AuthenticatedFunc {
	return signedIn(func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		ctx := r.Context()
		i, err := d.Tasks.Find(ctx, r.PathValue("id"), who)
		if err != nil {
			return missing(w, err)
		}
		attempts, err := d.Tasks.Attempts(ctx, i)
		if err != nil {
			return err
		}
		v := viewOf(i, attempts)
		v.ListsUsers = i.Kind == contracts.UserList && who.Admin
		if v.Top, err = d.top(ctx, who, ""); err != nil {
			return err
		}
		if v.Findings, err = d.findings(ctx, i, r.URL.Query()); err != nil {
			return err
		}
		if i.Kind == contracts.ListCheck && i.State.Final() {
			if v.Preview, err = d.preview(ctx, i); err != nil {
				return err
			}
		}
		if mayCommand(i, who) {
			v.Commands = commandsFor(i, attempts)
			v.MayReplay, v.MayStart = i.State == contracts.Failure && len(fromStages(i)) > 0, i.KeepsUpload()
			v.Preview.choose(i)
		}
		if i.Kind == contracts.UserList && who.Admin && (i.State == contracts.Success || i.State == contracts.Failure) {
			if v.LeftOut, err = d.leftOut(ctx, i); err != nil {
				return err
			}
		}
		return write(w, http.StatusOK, "import.html", v)
	})
}

func viewOf(i projection.Import, attempts []tasks.Attempt) importView {
	task := i.Task()
	pipeline, _ := contracts.PipelineOf(i.Kind)
	v := importView{
		ID: i.ID, Kind: i.Kind, Name: cmp.Or(i.FileName, "A file without a name"), Version: i.Version, Attempt: i.Attempt,
		Final: i.State.Final(), Mark: headlineMark(i), Headline: headline(i), Note: i.Note, Stalled: stalled(i),
		Stages: stagesOf(pipeline, i, attempts), Result: resultOf(i), Attempts: attemptsOf(i, attempts),
	}
	if c := task.Cleanup; c != nil && c.Done < c.Total {
		v.Cleaning = true
		v.Note = fmt.Sprintf("What was made is being removed: %d of %d steps have done so.", c.Done, c.Total)
	}
	for _, t := range contracts.EntityTypes() {
		if !i.Kind.Check() && !i.State.TakenBack() && pipeline.Position(i.Kind.Maker(t)) > 0 && (t == contracts.Users) == i.Kind.List() {
			v.Bars = append(v.Bars, barView{Type: t, Name: typeWord(t), Done: task.Progress[t].Done, Total: task.Progress[t].Total})
		}
	}
	if i.State == contracts.Failure {
		v.Failure = &failureView{Reason: i.Failure, Mend: i.IssuesError > 0}
	}
	return v
}

// headline is one line on how far an import is.
func headline(i projection.Import) string {
	switch {
	case i.State.Final():
		return stateWordsOf(i.Kind)[i.State]
	case i.Stalled():
		return "Held up"
	case i.State == contracts.Pending || i.WaitingFor != "":
		return stateWords[contracts.Pending]
	}
	return wordsOf(i.Kind, i.Stage).doing
}

// headlineMark is that of the line for the style.
func headlineMark(i projection.Import) string {
	switch {
	case i.State.Final():
		return stateMarks[i.State]
	case i.Stalled():
		return markHeld
	case i.WaitingFor != "":
		return markWaiting
	}
	return stateMarks[i.State]
}
