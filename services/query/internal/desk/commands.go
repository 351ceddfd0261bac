package desk

import (
	"encoding/json"
	"slices"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/services/query/internal/projection"
	"github.com/usher-events/usher/services/query/internal/tasks"
)

// command is what somebody can do to an import: a button, and a dialog that asks once and
// says what comes of it.
type command struct {
	// Name tells the dialogs of a page apart. Label is on the button that asks; empty
	// where that stands elsewhere on the page.
	Name, Label string
	// Title and Consequence are what is asked, Do and Keep the answers.
	Title, Consequence, Do, Keep string
	// Forced is the answer where something stands in the way; empty where nothing helps then.
	Forced string
	// Danger tells that something is lost.
	Danger bool
	// Method, Path and Body are the request.
	Method, Path, Body string
	// From are the stages to choose from.
	From []choice
}

// choice is one of a list to choose from.
type choice struct {
	Value, Label string
	Chosen       bool
}

// mayCommand tells whether somebody who sees an import may do something to it. What makes
// accounts is for administrators, also where its owner was one.
func mayCommand(i projection.Import, who auth.Identity) bool { return who.Admin || !i.Kind.List() }

// commandsFor returns what can be done now. What the stream alone knows, such as that an
// event was changed since, may still stand in the way.
func commandsFor(i projection.Import, attempts []tasks.Attempt) []command {
	var all []command
	switch {
	case !i.State.Final():
		return []command{{
			Name: "cancel", Label: "Cancel", Title: cancelTitle(i.Kind), Consequence: cancelWords(i.Kind),
			Do: "Cancel it", Keep: "Let it go on", Danger: true, Method: "POST", Path: "/v1/imports/" + i.ID + "/cancel",
		}}
	case i.State.TakenBack():
		return nil
	case i.State == contracts.Failure:
		if from := fromStages(i); len(from) > 0 {
			all = append(all, command{
				Name: "replay", Title: "Try again?", Consequence: "The step that you choose is done anew, and all behind it. What the steps before it have made stays as it is.",
				Do: "Try again", Keep: "Leave it", Method: "POST", Path: "/v1/imports/" + i.ID + "/replay", From: from,
			})
		}
	case i.State == contracts.Success && i.Kind == contracts.EventArchive:
		all = append(all, command{
			Name: "renew", Label: "Import again", Title: "Import the same file again?",
			Consequence: "The event is made anew from the file that you have uploaded, and is not shown until that is done. Its address stays.",
			Do:          "Import again", Keep: "Leave it", Method: "POST", Path: "/v1/imports/" + i.ID + "/replay", Body: body(map[string]any{"force": true}),
		})
	}
	title := "Remove this import?"
	if !i.Kind.Uploaded() {
		title = "Remove this archive?"
	}
	return append(all, command{
		Name: "discard", Label: "Remove", Title: title, Consequence: discardWords(i, attempts), Do: "Remove it", Keep: "Keep it",
		Forced: "Remove it all the same", Danger: true, Method: "DELETE", Path: "/v1/imports/" + i.ID,
	})
}

// fromStages are the stages with which another attempt can begin: up to the one that has
// failed, for what is behind it has nothing to begin with. All but the last one, which only
// tells what came of the import, read the upload. A list has gone by the time that is told.
func fromStages(i projection.Import) []choice {
	pipeline, _ := contracts.PipelineOf(i.Kind)
	readable := i.KeepsUpload() && (i.Kind != contracts.UserList || i.Stage != pipeline.Last())
	var all []choice
	for n, s := range pipeline.Stages[1:] {
		if n+1 > max(1, pipeline.Position(i.Stage)) {
			break
		}
		if !readable && s != pipeline.Last() {
			continue
		}
		c := choice{Value: string(s), Label: wordsOf(i.Kind, s).name}
		if s == i.Stage {
			c.Label, c.Chosen = c.Label+", where it has failed", true
		}
		all = append(all, c)
	}
	return all
}

func body(members map[string]any) string {
	text, _ := json.Marshal(members) // plain values only
	return string(text)
}

func cancelTitle(k contracts.Kind) string {
	if !k.Uploaded() {
		return "Cancel this export?"
	}
	return "Cancel this import?"
}

func cancelWords(k contracts.Kind) string {
	switch {
	case !k.Uploaded():
		return "No archive is written. The event stays as it is."
	case k.Check():
		return "The check ends, and the uploaded file is removed."
	case k.List():
		return "The accounts that it has made so far are removed, and so is the uploaded list. Nobody is written to."
	}
	return "All that it has made so far is removed, and so is the uploaded file. To import it later you upload it again."
}

func discardWords(i projection.Import, attempts []tasks.Attempt) string {
	switch {
	case !i.Kind.Uploaded():
		return "The archive is removed and cannot be downloaded any more. The event stays as it is."
	case i.Kind.Check():
		return "The check and the uploaded file are removed. It cannot be imported any more then."
	case i.Kind.List() && (i.State == contracts.Success || madeAccounts(attempts)):
		return "The accounts that it has made are removed, and accounts that it has changed become what they were before. This cannot be undone."
	case i.State == contracts.Failure:
		return "What it has left behind and the uploaded file are removed. It cannot be tried again then."
	}
	return "The event with its sessions, speakers and pictures is removed, and so is the uploaded file. Its page is gone for everybody. This cannot be undone."
}

// madeAccounts tells whether an attempt of a list has made accounts. They are there also
// where it has failed behind that, or a later one has.
func madeAccounts(attempts []tasks.Attempt) bool {
	return slices.ContainsFunc(attempts, func(a tasks.Attempt) bool {
		return slices.ContainsFunc(a.Stages, func(o tasks.Outcome) bool {
			return o.Stage == contracts.People && o.Outcome == contracts.OutcomeCompleted
		})
	})
}
