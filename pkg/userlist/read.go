package userlist

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/usher-events/usher/contracts"
)

// lookAhead is how many rows of a list without a header are looked at until one
// tells the order of the columns.
const lookAhead = 100

// MaxUsers is how many users a list may have. All of them are kept in memory until
// they are accounts, and each password takes a core for some tens of milliseconds.
const MaxUsers = 100_000

// Read reads a list in CSV and yields its users, row by row. What is wrong with
// the list goes to report: all of it, in the order of the file, with line and
// column; the rows that something is wrong with are not yielded. What is wrong
// with reading r is yielded as an error and ends the reading.
//
// file is what the issues call the list. None of them repeats a password, nor a
// cell that could be one in the wrong column.
func Read(r io.Reader, file string, report func(contracts.Issue)) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		l := &list{
			records: newRecords(r), file: file, report: report,
			nicks: make(map[string]int), emails: make(map[string]int),
		}
		if err := l.begin(); err != nil {
			l.end(err, yield)
			return
		}
		for {
			rec, err := l.next()
			if err != nil {
				l.end(err, yield)
				return
			}
			if l.users == MaxUsers {
				l.tooMany(rec)
				return
			}
			row, ok := l.row(rec)
			if ok && !yield(row, nil) {
				return
			}
		}
	}
}

// list is a list that is being read.
type list struct {
	records *records
	file    string
	report  func(contracts.Issue)

	columns []column
	// ahead are rows that were looked at for the order of the columns.
	ahead []record
	// users counts the rows of users so far.
	users int
	// nicks and emails say which line has what, by Key.
	nicks, emails map[string]int
}

// errReported ends the reading of a list of which the issues say all.
var errReported = errors.New("reported")

// begin finds out what the columns are.
func (l *list) begin() error {
	first, err := l.records.read()
	if err != nil {
		return err
	}
	columns := columnsOf(first.cells)
	if isHeader(columns) {
		return l.header(columns, first)
	}
	return l.order(first)
}

// header takes the columns of a header.
func (l *list) header(columns []column, rec record) error {
	wrong := false
	fault := func(i contracts.Issue) {
		wrong = wrong || i.Severity == contracts.Error
		i.File, i.Line = l.file, rec.places[0].line
		l.report(i)
	}
	there := make(map[Field]bool, len(aliases)) // a file may have a million columns
	for i, c := range columns {
		at := rec.places[i].column
		if !utf8.ValidString(c.title) {
			fault(contracts.Issue{Severity: contracts.Error, Code: CodeNotUTF8, Column: at, Message: notUTF8, Hint: saveAsUTF8})
			continue
		}
		if c.field == "" {
			fault(contracts.Issue{
				Severity: contracts.Info, Code: CodeUnknownColumn, Column: at, Value: cut(c.title),
				Message: "This column is not known; what it holds is left out",
			})
			continue
		}
		if there[c.field] {
			fault(contracts.Issue{
				Severity: contracts.Error, Code: CodeColumnTwice, Column: at, Pointer: pointer(c.title), Value: cut(c.title),
				Message: fmt.Sprintf("There are two columns for the field '%s'", c.field), Hint: "Keep one of them.",
			})
		}
		there[c.field] = true
	}
	for _, field := range required {
		if !there[field] {
			fault(contracts.Issue{
				Severity: contracts.Error, Code: CodeColumnMissing, Pointer: pointer(string(field)),
				Message: fmt.Sprintf("There is no column for the field '%s'", field),
				Hint:    "The columns for nick, email and password must be there.",
			})
		}
	}
	if wrong {
		return errReported
	}
	l.columns = columns
	return nil
}

// order finds the order of the columns of a list without a header: the first
// row that has an age in the place of one order only decides.
func (l *list) order(first record) error {
	width := len(headerless[0])
	if len(first.cells) != width {
		l.report(contracts.Issue{
			Severity: contracts.Error, Code: CodeColumnsUnknown, File: l.file, Line: first.places[0].line, Column: 1,
			Message: fmt.Sprintf("The first row, of %s, is no header that is known", count(len(first.cells), "column")),
			Hint:    hintFor(first.cells),
		})
		return errReported
	}
	for rec := first; ; {
		l.ahead = append(l.ahead, rec)
		if fit := ordersThatFit(rec.cells); len(fit) == 1 {
			l.columns = fit[0]
			return nil
		}
		if len(l.ahead) == lookAhead {
			break
		}
		var err error
		if rec, err = l.records.read(); err != nil {
			if !errors.Is(err, io.EOF) {
				return err
			}
			break
		}
	}
	l.report(contracts.Issue{
		Severity: contracts.Error, Code: CodeColumnOrderUnknown, File: l.file, Line: first.places[0].line, Column: 1,
		Message: "The list has no header, and no age tells in which order its columns are",
		Hint:    "Put a header before the first row: " + strings.Join(headerless[0], ",") + ".",
	})
	return errReported
}

// hintFor says what may be the matter with a first row of unknown columns.
func hintFor(cells []string) string {
	separators := []struct{ sign, name string }{{";", "semicolons"}, {"\t", "tabs"}, {"|", "bars"}}
	for _, s := range separators {
		if len(cells) == 1 && strings.Contains(cells[0], s.sign) {
			return fmt.Sprintf("The columns seem to be separated by %s; save the list with commas.", s.name)
		}
	}
	return "Begin with a row of names such as nick,email,password; without one there must be 8 columns."
}

// next returns the next row behind the header.
func (l *list) next() (record, error) {
	if len(l.ahead) > 0 {
		rec := l.ahead[0]
		l.ahead = l.ahead[1:]
		return rec, nil
	}
	return l.records.read()
}

// end tells what ended the reading, unless that is known.
func (l *list) end(err error, yield func(Row, error) bool) {
	index := l.users
	at := contracts.Issue{Severity: contracts.Error, File: l.file, RecordIndex: &index}
	malformed, isMalformed := errors.AsType[*csv.ParseError](err)
	switch {
	case errors.Is(err, errReported):
	case errors.Is(err, io.EOF):
		if l.users == 0 {
			l.report(contracts.Issue{
				Severity: contracts.Error, Code: CodeListEmpty, File: l.file,
				Message: "There is nobody in the list", Hint: "Add a row for each user.",
			})
		}
	case errors.Is(err, errRowTooLong):
		at.Code, at.Line = CodeRowTooLong, l.records.next
		at.Message = fmt.Sprintf("The row has more than %d bytes; what follows was not read", MaxRecord)
		at.Hint = "Perhaps a quote before it is never closed."
		l.report(at)
	case isMalformed:
		at.Code, at.Line, at.Column = CodeMalformedQuotes, malformed.Line, malformed.Column
		at.Message = "The quotes do not fit; what follows was not read"
		if malformed.StartLine != malformed.Line {
			at.Message = fmt.Sprintf("The quotes of the row that begins in line %d do not fit; what follows was not read", malformed.StartLine)
		}
		at.Hint = `Put a cell that has a quote in it into quotes, and write each quote in it twice: "".`
		l.report(at)
	default:
		yield(Row{}, err)
	}
}

// tooMany tells that the list should have ended before a row.
func (l *list) tooMany(rec record) {
	i := issue(l.file, l.users, cell{place: rec.places[0]}, CodeTooManyUsers,
		fmt.Sprintf("The list has more than %d users; what follows was not read", MaxUsers))
	i.Pointer, i.Hint = "", "Split it into several lists."
	l.report(i)
}

const (
	notUTF8    = "The text is not UTF-8"
	saveAsUTF8 = "Save the list as CSV in UTF-8."
)

// row reads one user, and reports what is wrong with it.
func (l *list) row(rec record) (Row, bool) {
	row := Row{Index: l.users, file: l.file}
	l.users++
	if len(rec.cells) != len(l.columns) {
		i := issue(l.file, row.Index, cell{place: rec.places[0]}, CodeRowRagged,
			fmt.Sprintf("The row has %s, the list has %s", count(len(rec.cells), "cell"), count(len(l.columns), "column")))
		i.Pointer, i.Hint = "", "A cell that has a comma in it must stand in quotes; an empty one keeps its comma."
		l.report(i)
		return row, false
	}
	cells := make(map[Field]cell, len(aliases))
	faults, readable := l.read(rec, &row.User, cells)
	row.nick, row.email = cells[Nick], cells[Email]
	if !readable {
		return row, false
	}
	faults = append(faults, row.User.Faults()...)
	// In the order of the cells, which is that of reading.
	slices.SortStableFunc(faults, func(a, b Fault) int { return l.columnOf(a.Field) - l.columnOf(b.Field) })
	shown := inTheirColumns(row.User)
	for _, fault := range faults {
		i := issue(l.file, row.Index, cells[fault.Field], fault.Code, fault.Message)
		i.Hint = fault.Hint
		if shown && (fault.Field == Email || fault.Field == Age || fault.Field == PlannedArrival) {
			i.Value = cut(strings.TrimSpace(rec.cells[l.columnOf(fault.Field)]))
		}
		l.report(i)
	}
	repeated := l.repeated(row)
	return row, len(faults) == 0 && !repeated
}

// read takes the cells of a row into a user. It returns what cannot be read as
// what belongs there, and false where the row is not even text.
func (l *list) read(rec record, u *User, cells map[Field]cell) (faults []Fault, readable bool) {
	readable = true
	for i, c := range l.columns {
		at := cell{title: c.title, place: rec.places[i]}
		text := rec.cells[i]
		if !utf8.ValidString(text) {
			bad := issue(l.file, l.users-1, at, CodeNotUTF8, notUTF8)
			bad.Hint = saveAsUTF8
			l.report(bad)
			readable = false
			continue
		}
		if c.field == "" {
			continue
		}
		cells[c.field] = at
		if c.field == Password {
			u.Password = text // blanks may be part of it
			continue
		}
		text = strings.TrimSpace(text)
		if fault := u.set(c.field, text); fault != nil {
			faults = append(faults, *fault)
		}
	}
	return faults, readable
}

// set takes a text for a field, and returns why it cannot be one.
func (u *User) set(field Field, text string) *Fault {
	switch field {
	case Nick:
		u.Nick = text
	case Email:
		u.Email = text
	case Password:
		u.Password = text
	case FirstName:
		u.FirstName = text
	case LastName:
		u.LastName = text
	case City:
		u.City = text
	case Mobile:
		u.Mobile = text
	case Pronoun:
		u.Pronoun = text
	case DECT:
		u.DECT = text
	case TShirtSize:
		u.TShirtSize = text
	case Age:
		if text == "" {
			return nil
		}
		age, err := strconv.Atoi(text)
		if err != nil {
			fault := FaultOfAge()
			return &fault
		}
		u.Age = &age
	case PlannedArrival:
		if text == "" {
			return nil
		}
		day, err := time.Parse(time.DateOnly, text)
		if err != nil {
			fault := FaultOfDay()
			return &fault
		}
		u.PlannedArrival = day
	}
	return nil
}

// inTheirColumns tells whether a row seems to have everything where it belongs,
// by what stands in the place of the password. If that is something else, the
// password is elsewhere, and nothing of the row may be shown.
func inTheirColumns(u User) bool {
	isNumberOrDate := !strings.ContainsFunc(u.Password, unicode.IsLetter)
	return passwordFault(u.Password) == nil && !isNumberOrDate && !strings.Contains(u.Password, "@")
}

// repeated reports nick and address that an earlier row has. An empty one is
// missing rather than repeated.
func (l *list) repeated(row Row) bool {
	again := func(lines map[string]int, value string, at cell, code, what string) bool {
		key := Key(value)
		first, there := lines[key]
		if key == "" || !there {
			lines[key] = at.line
			return false
		}
		i := issue(l.file, row.Index, at, code, fmt.Sprintf("The %s stands twice in the list: in line %d and in line %d", what, first, at.line))
		i.Hint = "Every user needs one of their own; upper and lower case make no difference."
		l.report(i)
		return true
	}
	nick := again(l.nicks, row.User.Nick, row.nick, CodeNickRepeated, "nick")
	email := again(l.emails, row.User.Email, row.email, CodeEmailRepeated, "e-mail address")
	return nick || email
}

// columnOf returns which column holds a field.
func (l *list) columnOf(field Field) int {
	return slices.IndexFunc(l.columns, func(c column) bool { return c.field == field })
}

// count puts a number before a noun.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
