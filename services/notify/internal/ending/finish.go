// Package ending decides what an import came to and tells its owner: the
// notification, the mail and the message ImportFinished, in one transaction.
package ending

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/services/notify/internal/invitation"
	"github.com/usher-events/usher/services/notify/internal/mail"
)

// Config is what the texts are made with.
type Config struct {
	// URLOf is where people look at an event.
	URLOf func(contracts.EventFacts) string
	// ImportURL is where people look at an import.
	ImportURL func(id string) string
	// DownloadURL is where the archive of an export is downloaded.
	DownloadURL func(id string) string
	// MailFrom is the sender's address; its domain ends the ids of the mails.
	MailFrom string
	// SendMail tells that there is a server that mails go to; else they are kept.
	SendMail bool
	// Invitations is what those are mailed with who have an account without a password.
	Invitations invitation.Config
}

// Finish returns the hook that ends an attempt.
func Finish(cfg Config) func(context.Context, bun.Tx, *stage.Run) (contracts.Payload, error) {
	return func(ctx context.Context, tx bun.Tx, run *stage.Run) (contracts.Payload, error) {
		finished := cfg.outcome(run)
		if run.Envelope.Kind.Check() { // nothing was made, and who checks waits for the answer
			return finished, nil
		}
		if err := notifyOwner(ctx, tx, run, finished); err != nil {
			return nil, err
		}
		if run.Envelope.Kind == contracts.UserList && finished.State == contracts.Success {
			if err := invitation.Write(ctx, tx, cfg.Invitations, run.ImportID, run.Attempt); err != nil {
				return nil, err
			}
		}
		owner := run.Envelope.Owner
		if owner.Email == "" {
			return finished, nil
		}
		row := &mail.Row{
			ImportID:  run.ImportID,
			Attempt:   run.Attempt,
			MessageID: fmt.Sprintf("import.%s.%d@%s", run.ImportID, run.Attempt, mail.Domain(cfg.MailFrom)),
			Recipient: owner.Email,
			Subject:   title(run.Envelope.Kind, finished),
			State:     mail.Kept,
		}
		if cfg.SendMail {
			row.State = mail.Held
		}
		letter := newLetter(run.Envelope, finished, run.Trigger, run.Carried)
		var err error
		if row.Text, err = letter.text(); err != nil {
			return nil, err
		}
		if row.HTML, err = letter.html(); err != nil {
			return nil, err
		}
		return finished, row.Insert(ctx, tx)
	}
}

// Release lets the mail go once the end stands with the broker. Until then a
// cancel may come first, and nobody is to be told of an end that there was not.
func Release(ctx context.Context, run *stage.Run, _ contracts.Payload) error {
	return mail.Release(ctx, run.DB, run.ImportID, run.Attempt)
}

// outcome says what the message before the last stage means for the import.
func (cfg Config) outcome(run *stage.Run) *contracts.ImportFinished {
	url := cfg.ImportURL(run.ImportID)
	switch kind := run.Envelope.Kind; {
	case kind.Check():
		return outcomeOfCheck(run.Trigger, run.Carried, run.Envelope.Owner, url)
	case kind == contracts.EventExport:
		return outcomeOfExport(run.Trigger, run.Carried, url, cfg.DownloadURL(run.ImportID))
	}
	return outcomeOf(run.Trigger, run.Carried, cfg.URLOf, url)
}

// outcomeOf is outcome for what makes an event or accounts.
func outcomeOf(trigger contracts.Payload, carried contracts.Carried, urlOf func(contracts.EventFacts) string, importURL string) *contracts.ImportFinished {
	if failed, ok := trigger.(*contracts.StageFailed); ok {
		return failure(failed, carried)
	}
	finished := &contracts.ImportFinished{
		State: contracts.Success, Issues: carried.Issues,
		Result: &contracts.Result{Accounts: carried.Accounts, URL: importURL, EarlierImport: carried.EarlierImport},
	}
	if carried.Event == nil && carried.Accounts == nil { // a list of which the stage before did not say so yet
		finished.Result.Accounts = &contracts.Accounts{Created: carried.Totals[contracts.Users]}
	}
	if e := carried.Event; e != nil {
		finished.Result = &contracts.Result{
			ID:            e.ID,
			Identifier:    e.Identifier,
			EventName:     e.Name,
			URL:           urlOf(*e),
			EarlierImport: carried.EarlierImport,
		}
	}
	return finished
}

// outcomeOfCheck is outcome for a check: what an import would come to.
func outcomeOfCheck(trigger contracts.Payload, carried contracts.Carried, owner contracts.Owner, importURL string) *contracts.ImportFinished {
	if failed, ok := trigger.(*contracts.StageFailed); ok {
		return failure(failed, carried)
	}
	result := &contracts.Result{DryRun: true, Accounts: carried.Accounts, URL: importURL, EarlierImport: carried.EarlierImport}
	if carried.Accounts == nil {
		result.EventName, result.Counts = carried.EventName, carried.Totals
	}
	if owner.Email != "" {
		result.Mails = []string{owner.Email}
	}
	return &contracts.ImportFinished{State: contracts.Success, Issues: carried.Issues, Result: result}
}

// outcomeOfExport is outcome for an export: the archive that an event has become, which
// people find on the page of the export.
func outcomeOfExport(trigger contracts.Payload, carried contracts.Carried, importURL, downloadURL string) *contracts.ImportFinished {
	if failed, ok := trigger.(*contracts.StageFailed); ok {
		return failure(failed, carried)
	}
	result := &contracts.Result{URL: importURL, DownloadURL: downloadURL, Exported: carried.Exported, Counts: carried.Totals}
	if e := carried.Event; e != nil {
		result.ID, result.Identifier, result.EventName = e.ID, e.Identifier, e.Name
	}
	if made, _ := contracts.CompletedOf(trigger); len(made.Counts) > 0 { // a replay carries none
		result.Counts = made.Counts
	}
	return &contracts.ImportFinished{State: contracts.Success, Issues: carried.Issues, Result: result}
}

func failure(failed *contracts.StageFailed, carried contracts.Carried) *contracts.ImportFinished {
	return &contracts.ImportFinished{
		State:       contracts.Failure,
		Failure:     failed.Reason,
		FailedStage: failed.Stage,
		Code:        failed.Code,
		Issues:      carried.Issues,
		FirstIssues: failed.FirstIssues,
	}
}
