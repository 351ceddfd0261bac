package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/begin"
	"github.com/usher-events/usher/pkg/broker"
)

// Mendable refuses, before any file is taken, where Mend would.
func (c *Controller) Mendable(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	id, err := importID(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), c.patience)
	defer cancel()
	command := command{Controller: c, id: id, who: who, from: begin.OriginOf(r)}
	s, err := command.look(ctx)
	if err == nil {
		_, err = command.mendable(ctx, s)
	}
	if err != nil {
		return refusal(w, err)
	}
	return nil
}

// Mend begins the next attempt of an import of a list with those rows that were left out
// of it and that lie mended in the bucket, and answers as Replay does.
func (c *Controller) Mend(w http.ResponseWriter, r *http.Request, who auth.Identity, blob, fileName string) error {
	return c.answer(w, r, who, "mend", func(ctx context.Context, c *command, s standing) (contracts.Payload, error) {
		before, err := c.mendable(ctx, s)
		if err != nil {
			return nil, err
		}
		carried, err := c.requested(ctx)
		if err != nil {
			return nil, err
		}
		carried.Blob, carried.FileName, carried.Mended, carried.Accounts = blob, fileName, true, before
		return &contracts.ReplayRequested{Carried: carried, From: contracts.People, By: c.who.Owner()}, nil
	})
}

// mendable returns what the import has come to, and refuses where no row was left out
// of it. An attempt with mended rows that has failed in the stage of people has changed
// nothing, so they may come again.
func (c *command) mendable(ctx context.Context, s standing) (*contracts.Accounts, error) {
	switch {
	case s.request.Kind != contracts.UserList:
		return nil, errNotAList
	case s.state == contracts.Started:
		return nil, errNotFailed
	case s.state.TakenBack():
		return nil, errDiscarded
	}
	accounts, err := c.accounts(ctx, s)
	switch {
	case err != nil:
		return nil, err
	case accounts == nil && s.state == contracts.Failure:
		return nil, errListFailed
	case accounts == nil || accounts.Failed == 0:
		return nil, errNothingToMend
	case !s.at.IsZero() && c.now().After(s.at.Add(contracts.ListKept)):
		return nil, errRowsGone
	}
	return accounts, nil
}

// accounts is what the newest run of people that has completed has come to, nil where
// there was none. The end of an attempt tells it, and a replay that goes on from there;
// a failure tells it where it is of a stage behind people.
func (c *command) accounts(ctx context.Context, s standing) (*contracts.Accounts, error) {
	var accounts *contracts.Accounts
	err := c.each(ctx, s, func(payload contracts.Payload) {
		switch m := payload.(type) {
		case *contracts.ImportFinished:
			if m.State == contracts.Success && m.Result != nil {
				accounts = m.Result.Accounts
			}
		case *contracts.ReplayRequested:
			accounts = cmp.Or(m.Accounts, accounts)
		}
	})
	if err != nil || s.failed == "" || s.pipeline.Position(s.failed) <= s.pipeline.Position(contracts.People) {
		return accounts, err
	}
	_, _, payload, err := c.last(ctx, c.Names.AnyOutcome(s.request.Kind, s.failed, c.id, s.attempt))
	if err != nil {
		return nil, err
	}
	carried, _ := contracts.CarriedBy(payload)
	return cmp.Or(carried.Accounts, accounts), nil
}

// requested is what the import's request hands on.
func (c *command) requested(ctx context.Context) (contracts.Carried, error) {
	_, _, payload, err := c.last(ctx, c.Names.AnyRequest(c.id))
	if err != nil {
		return contracts.Carried{}, err
	}
	carried, ok := contracts.CarriedBy(payload)
	if !ok {
		return carried, &unreadableError{fmt.Errorf("%s stands where a request should", payload.MessageType())}
	}
	return carried, nil
}

// each reads all commands of an import in their order; there are a few of each attempt.
func (c *command) each(ctx context.Context, s standing, take func(contracts.Payload)) error {
	for after := uint64(0); ; {
		stored, err := c.Next(ctx, c.Names.ImportsStream(), c.Names.Control(s.request.Kind, c.id), after)
		if errors.Is(err, broker.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		_, payload, err := contracts.Decode(stored.Data)
		if err != nil {
			return &unreadableError{fmt.Errorf("command of import %s: %w", c.id, err)}
		}
		take(payload)
		after = stored.Sequence
	}
}
