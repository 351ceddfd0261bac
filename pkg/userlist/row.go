package userlist

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/table"
)

// Row is one user of a list, and where the row stands.
type Row struct {
	// Index counts the users from 0.
	Index int
	// Line is the line of the file, or the row of the sheet, in which it begins.
	Line int
	// Cells are as they stand in the list, without what keeps spreadsheets from taking
	// them for formulas: one for each column, or more or fewer where the row does not fit.
	Cells []string
	// Key is what the row is to be known again by, empty where the list has no such column.
	Key string
	// User is what could be read. It may be stored where the row is not Bad.
	User User
	// Issues are all that is to be said of the row. None repeats a password.
	Issues []contracts.Issue

	file        string
	nick, email cell
	// key is where Key stands.
	key cell
	// passwordHolds is what PasswordHolds tells.
	passwordHolds bool
}

// Bad tells that there is an error among the issues: the row cannot become an account.
func (r Row) Bad() bool {
	return slices.ContainsFunc(r.Issues, func(i contracts.Issue) bool { return i.Severity == contracts.Error })
}

// NickTaken is the issue of a nick that an account has.
func (r Row) NickTaken() contracts.Issue {
	i := r.nick.about(contracts.Error, r.file, r.Index, Fault{
		Nick, CodeNickTaken, "Another account has this nick", "Choose another nick, or take the row out of the list.",
	})
	i.Value = cut(r.User.Nick)
	return i
}

// EmailTaken is the issue of an address that an account has.
func (r Row) EmailTaken() contracts.Issue {
	i := r.email.about(contracts.Error, r.file, r.Index, Fault{
		Email, CodeEmailTaken, "Another account has this e-mail address",
		"If it is the same person, take the row out of the list: they have an account.",
	})
	i.Value = cut(r.User.Email)
	return i
}

// SameAccount is the issue of a row that is to change the account that an earlier row
// changes: one has its nick, the other its address.
func (r Row) SameAccount() contracts.Issue {
	i := r.nick.about(contracts.Error, r.file, r.Index, Fault{
		Nick, CodeSameAccount, "An earlier row is of the same account", "Keep one of the rows.",
	})
	i.Value = cut(r.User.Nick)
	return i
}

// KeyInvalid is the issue of a row whose Key does not tell which row it is; why says so
// in one sentence.
func (r Row) KeyInvalid(why string) contracts.Issue {
	return r.key.about(contracts.Error, r.file, r.Index, Fault{
		Code: CodeRowKeyInvalid, Message: why,
		Hint: "Mend the rows in the table that Usher gives of them, leave its column " + contracts.RowColumn + " as it is, and add no rows.",
	})
}

// PasswordHolds tells that the row has a password that an account may have, whatever
// else is wrong with the row.
func (r Row) PasswordHolds() bool { return r.passwordHolds }

// row reads one user. earlier knows the rows before it; nil tells that the list is clean, so
// that nothing needs to be looked for again.
func (l *List) row(index int, rec table.Record, earlier *earlier) Row {
	row := Row{Index: index, Line: rec.Places[0].Line, Cells: rec.Cells, file: l.options.Name, key: cell{contracts.RowColumn, rec.Places[0]}}
	if l.key >= 0 && l.key < len(rec.Cells) {
		row.Key, row.key.place = l.keyOf(rec), rec.Places[l.key]
	}
	if !l.fits(rec) {
		i := cell{place: rec.Places[0]}.about(contracts.Error, l.options.Name, index, Fault{
			Code:    CodeRowRagged,
			Message: fmt.Sprintf("The row has %s, the list has %s", count(len(rec.Cells), "cell"), count(len(l.columns), "column")),
			Hint:    "A cell that has the sign between cells in it must stand in quotes; an empty one keeps its sign.",
		})
		i.Pointer = ""
		row.Issues = append(row.Issues, i)
		return row
	}
	var faults []Fault
	for i, c := range l.columns {
		if c.Field == "" {
			continue
		}
		if fault := row.User.Take(c.Field, rec.Cells[i]); fault != nil {
			faults = append(faults, *fault)
		}
	}
	row.nick, row.email = l.cell(rec, Nick), l.cell(rec, Email)
	if earlier == nil {
		row.passwordHolds = row.User.has(Password)
		return row
	}
	faults = append(faults, l.options.Rules.Faults(row.User)...)
	if l.hashed(rec) {
		faults = slices.DeleteFunc(faults, func(f Fault) bool { return f.Code == CodePasswordMissing })
	}
	row.passwordHolds = row.User.has(Password) && !slices.ContainsFunc(faults, func(f Fault) bool { return f.Field == Password })
	faults = append(faults, earlier.repeated(row)...)
	doubts := l.options.Rules.Doubts(row.User)
	if len(faults)+len(doubts) > 0 {
		told := make(map[Field]bool)
		l.tell(&row, rec, contracts.Error, faults, told)
		l.tell(&row, rec, contracts.Warning, doubts, told)
	}
	return row
}

// keyOf is the key that a row is known again by, empty where it has none.
func (l *List) keyOf(rec table.Record) string {
	if l.key < 0 || l.key >= len(rec.Cells) {
		return ""
	}
	return strings.TrimSpace(rec.Cells[l.key])
}

// fits tells whether a row has a cell for each column. Empty ones at its end are no
// more than spreadsheets write.
func (l *List) fits(rec table.Record) bool {
	if len(rec.Cells) < len(l.columns) {
		return false
	}
	return !slices.ContainsFunc(rec.Cells[len(l.columns):], func(cell string) bool { return strings.TrimSpace(cell) != "" })
}

// cell is where a row has a field. A list without a column for it has it where the row
// begins.
func (l *List) cell(rec table.Record, field Field) cell {
	if i := l.columnOf(field); i >= 0 {
		return cell{l.columns[i].Title, rec.Places[i]}
	}
	return cell{string(field), rec.Places[0]}
}

// tell makes issues of faults, in the order of their columns: one for each field that
// nothing was told of, since the first is the reason of the others.
func (l *List) tell(row *Row, rec table.Record, severity contracts.Severity, faults []Fault, told map[Field]bool) {
	slices.SortStableFunc(faults, func(a, b Fault) int { return l.columnOf(a.Field) - l.columnOf(b.Field) })
	shown := l.inTheirColumns(row.User)
	for _, fault := range faults {
		if told[fault.Field] {
			continue
		}
		told[fault.Field] = true
		i := l.cell(rec, fault.Field).about(severity, l.options.Name, row.Index, fault)
		if at := l.columnOf(fault.Field); shown && at >= 0 && mayBeShown(fault.Field) {
			i.Value = cut(strings.TrimSpace(rec.Cells[at]))
		}
		row.Issues = append(row.Issues, i)
	}
}

// mayBeShown tells those fields of which a value can be repeated, for it helps to find
// the mistake and is nobody's secret.
func mayBeShown(field Field) bool {
	return field == Email || field == Age || field == PlannedArrival
}

// inTheirColumns tells whether a row seems to have everything where it belongs,
// by what stands in the place of the password. If that is something else, the
// password is elsewhere, and nothing of the row may be shown.
func (l *List) inTheirColumns(u User) bool {
	if l.columnOf(Password) < 0 || u.PasswordHash != "" {
		return true
	}
	isNumberOrDate := !strings.ContainsFunc(u.Password, unicode.IsLetter)
	return u.Password != "" && l.options.Rules.passwordFault(u) == nil && !isNumberOrDate && !strings.Contains(u.Password, "@")
}
