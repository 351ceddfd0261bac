package userlist

import (
	"errors"
	"fmt"
	"strings"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/table"
)

// look goes through the list: it finds the columns, counts the users, and remembers
// what stands there twice.
func (l *List) look() error {
	if err := l.findColumns(); err != nil || !l.usable {
		return err
	}
	seen, none := tally{unnamed: make([]bool, len(l.columns))}, l.noneEarlier()
	l.clean = true
	skip := l.titled
	for rec, err := range l.records() {
		if err != nil {
			if err := l.broken(err); err != nil {
				return err
			}
			break
		}
		if skip {
			skip = false
			continue
		}
		if l.users == MaxUsers {
			l.tooMany(rec)
			break
		}
		if l.clean {
			if err := l.first(rec, none); err != nil {
				return err
			}
		}
		l.users++
		if l.fits(rec) {
			l.nicks.add(Key(l.cellOf(rec, Nick)))
			l.emails.add(Key(l.cellOf(rec, Email)))
			l.count(rec, &seen)
		}
	}
	l.nicks.settle()
	l.emails.settle()
	l.clean = l.clean && l.last == nil && len(l.nicks.twice)+len(l.emails.twice) == 0
	l.sum(seen)
	if l.users == 0 && l.last == nil {
		l.fail(contracts.Issue{Code: CodeListEmpty, Message: "There is nobody in the list", Hint: "Add a row for each user."})
	}
	return nil
}

// first looks at the next row of a list that is clean so far. Which nicks and addresses
// repeat nobody knows yet: none is earlier.
func (l *List) first(rec table.Record, none *earlier) error {
	row := l.row(l.users, rec, none)
	if l.clean = len(row.Issues) == 0; !l.clean || l.options.First == nil {
		return nil
	}
	return l.options.First(row)
}

// tally is what is told of a list once rather than of each of its rows.
type tally struct {
	trimmed, passwordless, admins found
	// unnamed tells which columns without a title have something in them.
	unnamed []bool
}

// found counts something, and knows where it was first.
type found struct {
	n     int
	first cell
}

func (f *found) at(c cell) {
	if f.n == 0 {
		f.first = c
	}
	f.n++
}

func (l *List) count(rec table.Record, seen *tally) {
	for i, c := range l.columns {
		text := rec.Cells[i]
		switch {
		case c.Field == "":
			seen.unnamed[i] = seen.unnamed[i] || c.Title == "" && strings.TrimSpace(text) != ""
		case c.Field != Password && isTrimmed(text):
			seen.trimmed.at(cell{c.Title, rec.Places[i]})
		}
	}
	if !l.options.Rules.needs(Password) && l.cellOf(rec, Password) == "" && !l.hashed(rec) {
		seen.passwordless.at(l.cell(rec, Password))
	}
	if text := l.cellOf(rec, Roles); text != "" {
		var u User
		if u.takeRoles(text); u.Admin {
			seen.admins.at(l.cell(rec, Roles))
		}
	}
}

// isTrimmed tells a cell that has blanks around what is in it.
func isTrimmed(cell string) bool {
	text := strings.TrimSpace(cell)
	return text != "" && text != cell
}

// sum tells what was counted.
func (l *List) sum(seen tally) {
	info := func(f found, code, message string) {
		if f.n > 0 {
			l.report(contracts.Issue{
				Severity: contracts.Info, Code: code, Line: f.first.place.Line, Column: f.first.place.Column,
				Pointer: pointer(f.first.title), Message: message,
			})
		}
	}
	for i, filled := range seen.unnamed {
		if filled {
			l.leaveOut(i, "A column without a title has something in it, which is left out")
		}
	}
	info(seen.trimmed, CodeBlanksTrimmed, "Blanks are removed around "+count(seen.trimmed.n, "cell"))
	without := count(seen.passwordless.n, "row") + " without a password: whoever gets an account by one "
	if l.options.NoInvite {
		info(seen.passwordless, CodeNotInvited, without+"cannot sign in, for nobody is to be invited")
	} else {
		info(seen.passwordless, CodeInvited, without+"chooses it by an invitation")
	}
	info(seen.admins, CodeAdmins, count(seen.admins.n, "user")+" with the role of an administrator: they may see and do everything")
}

// hashed tells whether the password of a mended row is known from before.
func (l *List) hashed(rec table.Record) bool {
	return l.options.Hashed != nil && l.options.Hashed(l.keyOf(rec))
}

// tooMany tells that the list should have ended before a row.
func (l *List) tooMany(rec table.Record) {
	i := cell{place: rec.Places[0]}.about(contracts.Error, l.options.Name, l.users, Fault{
		Code:    CodeTooManyUsers,
		Message: fmt.Sprintf("The list has more than %d users; what follows was not read", MaxUsers),
		Hint:    "Split it into several lists.",
	})
	i.Pointer = ""
	l.last = &i
}

// broken takes what has ended the reading: an issue where it is the list's own fault,
// else it is returned.
func (l *List) broken(err error) error {
	fault, ok := errors.AsType[*table.Fault](err)
	if !ok {
		return err
	}
	i := issueOf(fault)
	i.File = l.options.Name
	if fault.Place.Line > 0 {
		index := l.users
		i.RecordIndex = &index
	}
	l.last = &i
	return nil
}
