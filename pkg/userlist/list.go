package userlist

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/table"
)

// MaxUsers is how many users a list may have. Memory does not depend on it, but the
// time that their accounts take does.
const MaxUsers = 1_000_000

// Options say how a list is read.
type Options struct {
	// Name is what issues call the list.
	Name   string
	Format table.Format
	// Mapping says which field a column holds, where its title would not tell, or
	// would tell another one: by the title, compared as titles are, or by its place,
	// "#3". An empty field leaves the column out.
	Mapping map[string]Field
	Rules   Rules
	// NoInvite tells that nobody is invited to choose a password.
	NoInvite bool
	// First is called for each user while the list is looked through, as long as the list is
	// Clean; nil asks for nothing. Its error ends the looking and comes back.
	First func(Row) error
	// Hashed tells by the key of a mended row whether its password is known from before,
	// so that it needs none; nil where none is.
	Hashed func(key string) bool
}

// List is a list that was looked through: its columns are known, and how many users
// it has.
type List struct {
	options Options
	table   *table.Table
	columns []Column
	// head is where the columns begin: in the row of titles, or in the first one.
	head []table.Place
	// start is the first row where nothing tells what the columns hold.
	start []string
	// titled tells whether the first row holds the titles.
	titled bool
	// at is where the columns hold the fields, usable whether they make users.
	at map[Field]int
	// key is the column of the keys that rows are known again by, -1 where there is none.
	key    int
	usable bool
	users  int
	// issues concern the list as a whole. last is what ended the reading before the end.
	issues []contracts.Issue
	last   *contracts.Issue
	// clean tells that none concerns a row.
	clean bool

	nicks, emails *keys
}

// Open looks a list through once. Whatever is wrong with it is told by Rows; an error
// is what is wrong with reading it. The content is read again by each call of Rows.
func Open(content io.ReaderAt, size int64, o Options) (*List, error) {
	l := &List{options: o, key: -1, nicks: newKeys(), emails: newKeys()}
	t, err := table.Open(content, size, o.Format)
	if err != nil {
		return l, l.broken(err)
	}
	l.table = t
	l.report(l.dialect())
	if err := l.look(); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return l, nil
}

// Close lets go of what reading has needed.
func (l *List) Close() error {
	if l.table == nil {
		return nil
	}
	return l.table.Close()
}

// Columns returns the columns. They have neither titles nor fields where nothing tells
// what they hold.
func (l *List) Columns() []Column { return slices.Clone(l.columns) }

// Start returns the first row of a list of which nothing tells what its columns hold:
// titles that are not known, or somebody. Of any other list it is nil.
func (l *List) Start() []string { return slices.Clone(l.start) }

// Clean tells that Rows yields no row with Issues. By chance it is false of one in ten lists of
// a million users although nothing is wrong with any of them.
func (l *List) Clean() bool { return l.clean }

// Has tells whether a column holds a field.
func (l *List) Has(field Field) bool { return l.columnOf(field) >= 0 }

// Users is how many rows Rows yields.
func (l *List) Users() int { return l.users }

// Rows yields every user in the order of the list, also those that something is wrong
// with, and keeps none of them. What concerns the list as a whole goes to report: what
// was found out about it first, what ended it before its end last. What is wrong with
// reading is yielded as an error and ends the reading.
//
// No issue repeats a password, nor a cell that could be one in the wrong column.
func (l *List) Rows(report func(contracts.Issue)) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		l.Tell(report)
		if l.users > 0 && !l.yieldRows(yield) {
			return
		}
		if l.last != nil {
			report(*l.last)
		}
	}
}

// Tell reports what Rows does before its rows: all that it would of a list that is Clean.
func (l *List) Tell(report func(contracts.Issue)) {
	for _, i := range l.issues {
		report(i)
	}
}

func (l *List) yieldRows(yield func(Row, error) bool) bool {
	var earlier *earlier
	if !l.clean {
		earlier = l.noneEarlier()
	}
	index, skip := 0, l.titled
	for rec, err := range l.records() {
		if err != nil {
			yield(Row{}, err)
			return false
		}
		if skip {
			skip = false
			continue
		}
		if !yield(l.row(index, rec, earlier), nil) {
			return false
		}
		if index++; index == l.users {
			return true
		}
	}
	yield(Row{}, fmt.Errorf("list %s: there were %d rows, now there are %d", l.options.Name, l.users, index))
	return false
}

// records yields the rows of the table, in which formulas are as they were before Usher
// or another program has neutralized them by an apostrophe. No program writes passwords;
// one that begins so is as its user has chosen it.
func (l *List) records() iter.Seq2[table.Record, error] {
	return func(yield func(table.Record, error) bool) {
		password := l.columnOf(Password)
		for rec, err := range l.table.Records() {
			for i, cell := range rec.Cells {
				if i != password && strings.Contains(cell, "'") {
					rec.Cells[i] = table.Plain(cell)
				}
			}
			if !yield(rec, err) {
				return
			}
		}
	}
}

func (l *List) report(i contracts.Issue) {
	i.File = l.options.Name
	l.issues = append(l.issues, i)
}

// fail reports an error because of which nobody of the list can be read.
func (l *List) fail(i contracts.Issue) {
	i.Severity = contracts.Error
	l.report(i)
}

// columnOf returns which column holds a field, and -1 where none does.
func (l *List) columnOf(field Field) int {
	if at, ok := l.at[field]; ok {
		return at
	}
	return -1
}

// cellOf is what a row has for a field; nothing where it has no such column.
func (l *List) cellOf(rec table.Record, field Field) string {
	if at := l.columnOf(field); at >= 0 {
		return rec.Cells[at]
	}
	return ""
}
