package core

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/stage"
)

// CodeIdentifierTaken is the issue of an archive whose identifier another event has.
const CodeIdentifierTaken = "identifier_taken"

// Identify takes the event's public identifier and makes the event's facts
// known to the mappings and to the stages to come. The archive's identifier is
// kept where no other event has it; else the event gets one that follows from
// the import. What an attempt has taken stays over all later ones.
func Identify(ctx context.Context, tx bun.Tx, run *stage.Run) error {
	archive, err := run.OpenArchive(ctx)
	if err != nil {
		return err
	}
	for rec, err := range openevent.Records(archive, openevent.Events, nil) {
		if err != nil {
			return err
		}
		wanted := rec.Value.Identifier
		identifier, err := takeIdentifier(ctx, tx, run.ImportID, wanted)
		if err != nil {
			return err
		}
		if wanted != "" && identifier != wanted {
			issue := rec.Issue(contracts.Info, CodeIdentifierTaken, "identifier",
				fmt.Sprintf("Another event has the identifier %s already; this one is %s", wanted, identifier))
			issue.Value = wanted
			run.Report(issue)
		}
		run.SetEvent(contracts.EventFacts{Identifier: identifier, Name: contracts.EventName(rec.Value.Name), Timezone: rec.Value.Timezone})
	}
	return nil
}

// Finish completes the event's facts with the id that its row got.
func Finish(ctx context.Context, tx bun.Tx, run *stage.Run) (contracts.Payload, error) {
	var id int64
	err := tx.NewSelect().Model((*EventRow)(nil)).Column("id").Where("import_id = ?", run.ImportID).Scan(ctx, &id)
	if err != nil {
		return nil, fmt.Errorf("id of the event: %w", err)
	}
	facts := run.Event
	facts.ID = strconv.FormatInt(id, 10)
	run.SetEvent(facts)
	return run.Completion(), nil
}

func takeIdentifier(ctx context.Context, tx bun.Tx, importID, wanted string) (string, error) {
	var own string
	err := tx.NewRaw("SELECT identifier FROM event.identifiers WHERE import_id = ?", importID).Scan(ctx, &own)
	if err == nil || !errors.Is(err, sql.ErrNoRows) {
		return own, err
	}
	if wanted != "" {
		taken, err := reserve(ctx, tx, importID, wanted)
		if taken || err != nil {
			return wanted, err
		}
	}
	for n := 0; ; n++ {
		derived := derivedIdentifier(importID, n)
		taken, err := reserve(ctx, tx, importID, derived)
		if taken || err != nil {
			return derived, err
		}
	}
}

// reserve takes an identifier for an import, and tells false where another has
// it. An import that takes it at the same time is waited for: the unique key decides.
func reserve(ctx context.Context, tx bun.Tx, importID, identifier string) (bool, error) {
	var owner string
	err := tx.NewRaw(`INSERT INTO event.identifiers AS i (identifier, import_id) VALUES (?, ?)
		ON CONFLICT (identifier) DO UPDATE SET identifier = excluded.identifier
		RETURNING i.import_id`, identifier, importID).Scan(ctx, &owner)
	if err != nil {
		return false, fmt.Errorf("identifier %q: %w", identifier, err)
	}
	return owner == importID, nil
}

// derivedIdentifier gives 8 hex digits that follow from the import; n counts
// the ones that were taken already.
func derivedIdentifier(importID string, n int) string {
	sum := sha256.Sum256([]byte(importID + "/" + strconv.Itoa(n)))
	return hex.EncodeToString(sum[:4])
}
