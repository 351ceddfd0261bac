// Package ending decides what an import came to and tells its owner: the
// notification, the mail and the message ImportFinished, in one transaction.
package ending

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/services/notify/internal/mail"
)

// Config is what the texts are made with.
type Config struct {
	// PublicURL begins every link; without a slash at the end.
	PublicURL string
	// MailFrom is the sender's address; its domain ends the ids of the mails.
	MailFrom string
	// SendMail tells that there is a server that mails go to; else they are kept.
	SendMail bool
}

// Finish returns the hook that ends an attempt.
func Finish(cfg Config) func(context.Context, bun.Tx, *stage.Run) (contracts.Payload, error) {
	return func(ctx context.Context, tx bun.Tx, run *stage.Run) (contracts.Payload, error) {
		finished := outcomeOf(run.Trigger, run.Carried, cfg.PublicURL)
		text := textOf(finished, run.Carried)
		if err := notifyOwner(ctx, tx, run, finished, text); err != nil {
			return nil, err
		}
		owner := run.Envelope.Owner
		if owner.Email == "" {
			return finished, nil
		}
		row := &mail.Row{
			ImportID:  run.ImportID,
			Attempt:   run.Attempt,
			MessageID: messageID(run.ImportID, run.Attempt, cfg.MailFrom),
			Recipient: owner.Email,
			Subject:   text.title,
			Text:      text.mail,
			State:     mail.Kept,
		}
		if cfg.SendMail {
			row.State = mail.Pending
		}
		return finished, row.Insert(ctx, tx)
	}
}

// outcomeOf says what the message before the last stage means for the import.
func outcomeOf(trigger contracts.Payload, carried contracts.Carried, publicURL string) *contracts.ImportFinished {
	if failed, ok := trigger.(*contracts.StageFailed); ok {
		return &contracts.ImportFinished{
			State:       contracts.Failure,
			Failure:     failed.Reason,
			FailedStage: failed.Stage,
			Code:        failed.Code,
			Issues:      carried.Issues,
			FirstIssues: failed.FirstIssues,
		}
	}
	finished := &contracts.ImportFinished{State: contracts.Success, Issues: carried.Issues}
	if e := carried.Event; e != nil {
		finished.Result = &contracts.Result{
			ID:         e.ID,
			Identifier: e.Identifier,
			EventName:  e.Name,
			URL:        publicURL + "/v1/events/" + e.Identifier,
		}
	}
	return finished
}

// messageID follows from the attempt, so that a mail that has to be sent again
// is the same mail to every server and client on its way.
func messageID(importID string, attempt int, from string) string {
	_, domain, _ := strings.Cut(from, "@")
	return fmt.Sprintf("import.%s.%d@%s", importID, attempt, strings.TrimSuffix(domain, ">"))
}
