// Package list makes accounts of a list of users. It holds what the stage does
// around their rows: the reading of the list, the hashing of the passwords, what
// becomes of rows whose accounts there are already, and of the uploaded file, which
// holds the passwords in plain.
package list

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/table"
	"github.com/usher-events/usher/pkg/userlist"
)

// Lists are the hooks of the stage.
type Lists struct {
	Rules   userlist.Rules
	Hashing Hashing
	// Keys knows mended rows again.
	Keys *auth.RowKeys
}

// input is the Input of a run.
type input struct {
	list *userlist.List
	// told says that what is wrong with the rows has been reported.
	told bool
	// preview is what a check shows, once that is known.
	preview []byte
	// mended says which rows of the list as it was first uploaded these are, by their
	// index; nil where this is that list.
	mended []int
}

// origin is the row's place in the list as it was first uploaded, by which its account
// is the same in each attempt.
func (in *input) origin(row userlist.Row) int {
	if in.mended != nil {
		return in.mended[row.Index]
	}
	return row.Index
}

// errNotRead is a stage that is declared without Before.
var errNotRead = errors.New("the list was not read")

func inputOf(run *stage.Run) (*input, error) {
	in, ok := run.Input.(*input)
	if !ok {
		return nil, errNotRead
	}
	return in, nil
}

// Before looks the list through and makes its passwords ready, so that no transaction
// waits for that. No time is spent on the passwords of a list that fails.
func (l Lists) Before(ctx context.Context, run *stage.Run) error {
	list, fine, err := l.look(ctx, run)
	if err != nil {
		return err
	}
	before := earlierAccounts(run)
	run.Carried.Totals = map[contracts.EntityType]int{contracts.Users: list.Users() + before.Created + before.Updated + before.Skipped}
	in := &input{list: list}
	run.Input = in
	if run.Carried.Mended {
		if in.mended, err = l.mended(ctx, run, list); err != nil {
			return err
		}
	}
	passwords := list.Has(userlist.Password)
	if run.Envelope.Kind.Check() || !passwords && !straight(run, in) {
		return nil // the transaction finds all that is wrong
	}
	in.told = true
	if fine {
		list.Tell(run.Report)
		err = run.Invalid()
	} else {
		err = l.refuse(ctx, run, list)
	}
	if err != nil || !passwords {
		return err
	}
	return l.Hashing.prepare(ctx, run, list)
}

// look opens the uploaded list, and tells whether nothing is wrong with any row, so that they
// need not be read again for that: neither is one bad by itself nor, where the list would
// fail by it, is there an account of it.
func (l Lists) look(ctx context.Context, run *stage.Run) (list *userlist.List, fine bool, err error) {
	var first func(userlist.Row) error
	known := newKnown(run, false)
	defer func() { _ = known.wait() }() // also where reading has failed meanwhile
	if !run.Envelope.Kind.Check() {
		first = func(row userlist.Row) error { return known.add(ctx, row) }
	}
	if list, err = l.open(ctx, run, first); err != nil {
		return nil, false, err
	}
	if !list.Clean() {
		return list, false, nil
	}
	err = known.finish(ctx)
	return list, err == nil && !known.found, err
}

// blocksKept is how many mebibytes of a list are kept while it is read: of CSV the one that
// is read, of a workbook that of its strings, too, and the directory.
const blocksKept = 3

// open opens the uploaded list. It is a workbook if it begins like one.
func (l Lists) open(ctx context.Context, run *stage.Run, first func(userlist.Row) error) (*userlist.List, error) {
	upload, err := run.OpenUpload(ctx)
	if err != nil {
		return nil, err
	}
	upload.Keep(blocksKept)
	start := make([]byte, 4)
	if _, err := upload.ReadAt(start, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("list: %w", err)
	}
	format := table.CSV
	if bytes.Equal(start, []byte("PK\x03\x04")) {
		format = table.XLSX
	}
	hashed, err := l.hashed(ctx, run)
	if err != nil {
		return nil, err
	}
	rules := l.Rules
	rules.Invite = true // an account without a password is one, invited or not
	mapping := make(map[string]userlist.Field, len(run.Options.Mapping))
	for column, field := range run.Options.Mapping {
		mapping[column] = userlist.Field(field)
	}
	list, err := userlist.Open(upload, upload.Size(), userlist.Options{
		Name: run.Carried.FileName, Format: format, Mapping: mapping, Rules: rules,
		NoInvite: run.Options.NoInvite, First: first, Hashed: hashed,
	})
	if err != nil {
		return nil, fmt.Errorf("list: %w", err)
	}
	return list, nil
}

// refuse reports what is wrong with the rows, also that there are accounts of them
// already, and returns an error where the list fails by it.
func (l Lists) refuse(ctx context.Context, run *stage.Run, list *userlist.List) error {
	known := newKnown(run, true)
	defer func() { _ = known.wait() }() // also where reading has failed meanwhile
	for row, err := range list.Rows(run.Report) {
		if err != nil {
			return err
		}
		report(run, row.Issues...)
		if err := known.add(ctx, row); err != nil {
			return err
		}
	}
	if err := known.finish(ctx); err != nil {
		return err
	}
	return run.Invalid()
}

// report reports what is wrong with a row. In a lenient import that is what the row is
// left out for, and no more than a warning.
func report(run *stage.Run, issues ...contracts.Issue) {
	for _, i := range issues {
		if run.Options.Mode == contracts.Lenient && i.Severity == contracts.Error {
			i.Severity = contracts.Warning
		}
		run.Report(i)
	}
}
