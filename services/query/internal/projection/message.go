package projection

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/usher-events/usher/contracts"
)

// Message is one line for people that says what happens now, or what came of it.
func (i Import) Message() string {
	s := cmp.Or(i.WaitingFor, i.Stage)
	var stalled string
	switch {
	case i.StagePausedUntil != nil:
		stalled = fmt.Sprintf("; %s is paused until %s", s, moment(*i.StagePausedUntil))
	case i.StageDownSince != nil:
		stalled = fmt.Sprintf("; no %s service is running", s)
	default:
		return i.doing()
	}
	if i.WaitingFor != "" && i.WaitingSince != nil {
		return "Waiting for " + string(s) + " since " + moment(*i.WaitingSince) + stalled
	}
	return strings.TrimSuffix(i.doing(), ".") + stalled // a note is a sentence
}

// Stalled tells that the stage that the import is at does not work, because it is
// paused or no process runs it; Message says so.
func (i Import) Stalled() bool { return i.StagePausedUntil != nil || i.StageDownSince != nil }

// moment is a time for people, in UTC, for nobody knows where they are. The day
// belongs to it: a pause may last for weeks.
func moment(t time.Time) string { return t.UTC().Format("2 Jan 15:04 UTC") }

// doing is Message where nothing keeps the stage from its work.
func (i Import) doing() string {
	switch {
	case i.State == contracts.Success && i.Result != nil && i.Result.Accounts != nil && i.Result.DryRun:
		return "Checked: " + i.Result.Would()
	case i.State == contracts.Success && i.Result != nil && i.Result.Accounts != nil:
		return i.Result.String()
	case i.State == contracts.Success && i.Result != nil && i.Result.DryRun:
		return "Checked " + i.Result.EventName
	case i.State == contracts.Success && i.Result != nil && i.Kind == contracts.EventExport:
		return "Exported " + i.Result.EventName
	case i.State == contracts.Success && i.Result != nil && i.Result.Identifier != "":
		return "Imported " + i.Result.EventName
	case i.State == contracts.Success:
		return "Imported"
	case i.State == contracts.Failure:
		return i.Failure
	case i.State == contracts.Canceled:
		return "Canceled" + i.cleaning()
	case i.State == contracts.Discarded:
		return "Discarded" + i.cleaning()
	case i.Note != "":
		return i.Note
	case i.WaitingFor != "":
		return "Waiting for " + string(i.WaitingFor)
	case i.Making != "":
		return i.making()
	}
	switch i.Stage {
	case contracts.Event:
		return "Checking the archive"
	case contracts.People:
		if i.Kind.List() {
			return "Checking the list"
		}
	case contracts.Media:
		return "Uploading media"
	case contracts.Query:
		return "Writing the archive"
	case contracts.Notify:
		return "Finishing"
	}
	return strings.TrimSpace("Importing " + string(i.Stage))
}

// cleaning is ", cleaning up (3/5)" while stages have something of the import left.
func (i Import) cleaning() string {
	c := i.Cleanup()
	if c == nil || c.Done == c.Total {
		return ""
	}
	return fmt.Sprintf(", cleaning up (%d/%d)", c.Done, c.Total)
}

// making is "Importing session types (3/32)".
func (i Import) making() string {
	verb := "Importing"
	switch {
	case i.Kind == contracts.EventExport:
		verb = "Exporting"
	case i.Making == contracts.MediaFiles:
		verb = "Uploading"
	}
	what := strings.ReplaceAll(string(i.Making), "-", " ")
	p := i.Progress[i.Making].shown()
	if p.Total == 0 {
		return fmt.Sprintf("%s %s (%d)", verb, what, p.Done)
	}
	return fmt.Sprintf("%s %s (%d/%d)", verb, what, p.Done, p.Total)
}
