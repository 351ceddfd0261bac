package list

import (
	"context"
	"fmt"
	"iter"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/userlist"
	"github.com/usher-events/usher/services/people/internal/profile"
)

// straight tells a list whose rows become accounts without a comparison in the
// transaction, in half the time: it fails by any that is bad or has an account already,
// so that Before is told of all of them.
func straight(run *stage.Run, in *input) bool {
	return run.Options.OnConflict == contracts.ConflictFails && run.Options.Mode != contracts.Lenient &&
		!run.Envelope.Kind.Check() && in.mended == nil && !in.list.Has(userlist.Password)
}

// copyAccounts copies the rows of a list into the table of accounts. An account that was
// made since Before breaks a unique key; then the run is tried again and tells it. It
// copies nothing and returns false where the import has accounts already, which are to
// stay who they are.
func copyAccounts(ctx context.Context, tx *postgres.Tx, run *stage.Run, in *input, facts *contracts.Accounts) (bool, error) {
	var there bool
	err := tx.NewRaw("SELECT EXISTS (SELECT FROM people.users WHERE import_id = ?)", run.ImportID).Scan(ctx, &there)
	if err != nil {
		return false, fmt.Errorf("accounts of the import: %w", err)
	}
	if there {
		return false, nil
	}
	var invitation any
	if !run.Options.NoInvite {
		invitation = 1
	}
	id, err := uuid.Parse(run.ImportID)
	if err != nil {
		return false, fmt.Errorf("id of the import: %w", err)
	}
	importID := [16]byte(id) // a text would be made a UUID of for each row, and only after an error
	columns := profile.Columns()
	var rows iter.Seq2[[]any, error] = func(yield func([]any, error) bool) {
		for row, err := range in.list.Rows(func(contracts.Issue) {}) { // they were told before
			if err != nil {
				yield(nil, err)
				return
			}
			run.Progress(contracts.Users, row.Index)
			// The database would draw the subjects while nothing else happens to the rows.
			subject := [16]byte(uuid.New())
			values := append(make([]any, 0, len(columns)+5), importID, run.Attempt, strconv.Itoa(in.origin(row)), subject, invitation)
			if !yield(profile.Of(row.User).AppendValues(values), nil) {
				return
			}
		}
	}
	facts.Created, err = tx.Copy(ctx, pgx.Identifier{"people", "users"},
		append([]string{"import_id", "attempt", "origin", "subject", "invitation"}, columns...), rows)
	if invitation != nil {
		facts.Invited = facts.Created
	}
	return true, err
}
