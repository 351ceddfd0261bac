// Package list makes accounts of a list of users. It holds what the stage does
// around their rows: the check of the whole list, the hashing of the passwords,
// and what becomes of the uploaded file, which holds them in plain.
package list

import (
	"context"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/table"
	"github.com/usher-events/usher/pkg/userlist"
)

// accounts is the Input of a run: the users of the list and what is stored of
// their passwords, one for each.
type accounts struct {
	users  []userlist.Row
	hashes []string
}

// Check returns the hook that reads the whole list, before a row is written and
// before any time is spent on passwords: one bad cell fails the list, with all
// that is wrong told at once. Then it hashes the passwords, so that no
// transaction waits for that.
func Check(h Hashing) func(context.Context, *stage.Run) error {
	return func(ctx context.Context, run *stage.Run) error {
		users, err := read(ctx, run)
		if err != nil {
			return err
		}
		run.Carried.Totals = map[contracts.EntityType]int{contracts.Users: len(users)}
		// Who has an account already is looked up again in the transaction, where
		// it counts. Here it is told beside the other errors, and saves the work.
		if err := reportTaken(ctx, run.DB, run, users); err != nil {
			return err
		}
		if err := run.Invalid(); err != nil {
			return err
		}
		hashes, err := h.all(ctx, users, func(n int) { run.Progress(contracts.Users, n) })
		if err != nil {
			return err
		}
		run.Input = accounts{users: users, hashes: hashes}
		return nil
	}
}

// read reads the list and reports what is wrong with it.
func read(ctx context.Context, run *stage.Run) ([]userlist.Row, error) {
	upload, err := run.OpenUpload(ctx)
	if err != nil {
		return nil, err
	}
	list, err := userlist.Open(upload, upload.Size(), userlist.Options{Name: run.Carried.FileName, Format: table.CSV})
	if err != nil {
		return nil, err
	}
	defer list.Close() //nolint:errcheck // it only lets go of what was read
	var users []userlist.Row
	for row, err := range list.Rows(run.Report) {
		if err != nil {
			return nil, err
		}
		for _, issue := range row.Issues {
			run.Report(issue)
		}
		if !row.Bad() {
			users = append(users, row)
		}
	}
	return users, nil
}
