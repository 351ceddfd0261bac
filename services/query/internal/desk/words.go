package desk

import (
	"cmp"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/query/internal/projection"
)

// Everything here is in the words of organizers. The script has none of its own for what
// an import is at: it shows the page as it is rendered.

// stateWordsOf are what the states of a kind of import are called.
func stateWordsOf(k contracts.Kind) map[contracts.State]string {
	if !k.Check() {
		return stateWords
	}
	words := maps.Clone(stateWords)
	words[contracts.Success] = "Checked" // nothing is imported yet
	return words
}

var stateWords = map[contracts.State]string{
	contracts.Pending:   "Waiting for its turn",
	contracts.Started:   "Under way",
	contracts.Success:   "Done",
	contracts.Failure:   "Failed",
	contracts.Canceled:  "Canceled",
	contracts.Discarded: "Removed",
}

// stateMarks are the states as style and script know them.
var stateMarks = map[contracts.State]string{
	contracts.Pending:   markWaiting,
	contracts.Started:   markRunning,
	contracts.Success:   markDone,
	contracts.Failure:   markFailed,
	contracts.Canceled:  markFailed,
	contracts.Discarded: markFailed,
}

// The marks of a stage.
const (
	markDone    = "done"
	markRunning = "running"
	markWaiting = "waiting"
	markFailed  = "failed"
	// markHeld is of a stage that is paused, or that no process runs.
	markHeld = "held"
)

// stageWords are what a stage is called, and what is said while it works.
type stageWords struct{ name, doing string }

func wordsOf(k contracts.Kind, s contracts.Stage) stageWords {
	switch {
	case k == contracts.EventExport && s == contracts.Ingest:
		return stageWords{"Request", "Asking for the archive"}
	case k == contracts.ListCheck && s == contracts.People:
		return stageWords{"Check", "Checking the list"}
	case k == contracts.UserList && s == contracts.People:
		return stageWords{"Accounts", "Checking the list and making the accounts"}
	}
	switch s {
	case contracts.Ingest:
		return stageWords{"Upload", "Uploading"}
	case contracts.Event:
		return stageWords{"Check", "Checking the file"}
	case contracts.People:
		return stageWords{"People", "Bringing in speakers and sponsors"}
	case contracts.Schedule:
		return stageWords{"Schedule", "Bringing in rooms, tracks and sessions"}
	case contracts.Media:
		return stageWords{"Pictures", "Storing pictures and files"}
	case contracts.Query:
		return stageWords{"Archive", "Writing the archive"}
	case contracts.Notify:
		return stageWords{"Finish", "Finishing"}
	}
	return stageWords{string(s), "Working"}
}

func typeWord(t contracts.EntityType) string {
	switch t {
	case contracts.Events:
		return "Event"
	case contracts.SocialLinks:
		return "Links"
	case contracts.CustomForms:
		return "Form fields"
	case contracts.Microlocations:
		return "Rooms"
	case contracts.SessionSpeakers:
		return "Speakers of sessions"
	case contracts.MediaFiles:
		return "Pictures and files"
	}
	name := strings.ReplaceAll(string(t), "-", " ")
	return strings.ToUpper(name[:1]) + name[1:]
}

var severityWords = map[contracts.Severity]string{
	contracts.Error:   "Error",
	contracts.Warning: "Warning",
	contracts.Info:    "Note",
}

// severityPlurals are what many of a severity are called.
var severityPlurals = map[contracts.Severity]string{
	contracts.Error:   "Errors",
	contracts.Warning: "Warnings",
	contracts.Info:    "Notes",
}

// instant is a time, for people and for programs.
type instant struct{ Words, Date string }

func instantOf(t time.Time) instant {
	t = t.UTC()
	return instant{t.Format("2 Jan 2006, 15:04 UTC"), t.Format("2006-01-02T15:04:05Z")}
}

// nameOf is what an import is called: as its event, where it has one.
func nameOf(i projection.Import) string {
	if i.Result != nil && i.Result.EventName != "" {
		return i.Result.EventName
	}
	return cmp.Or(i.FileName, "A file without a name")
}

// plural is a number of things in words.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
