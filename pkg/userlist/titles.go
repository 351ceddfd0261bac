package userlist

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/table"
)

// lookAhead is how many rows of a list without titles are looked at until one tells
// the order of the columns.
const lookAhead = 100

// findColumns finds out what the columns hold: by their titles in the first row, by the
// mapping alone, or by an order that is known. Where it cannot, or where they do not
// make users, it tells why and leaves the list unusable.
func (l *List) findColumns() error {
	var first table.Record
	rows := 0
	for rec, err := range l.records() {
		if err != nil {
			return l.broken(err)
		}
		if rows == 0 {
			first = table.Record{Cells: slices.Clone(rec.Cells), Places: slices.Clone(rec.Places)}
			if l.takeTitles(rec) || l.takePlaces(rec) {
				return nil
			}
		}
		if l.takeOrder(rec) {
			return nil
		}
		if rows++; rows == lookAhead {
			break
		}
	}
	if rows > 0 {
		l.columns, l.start = match(make([]string, len(first.Cells)), nil, ByTitle), first.Cells
	}
	switch {
	case rows == 0:
		l.fail(contracts.Issue{Code: CodeListEmpty, Message: "There is nobody in the list", Hint: "Add a row for each user."})
	case slices.ContainsFunc(orders, func(titles []string) bool { return len(titles) == len(first.Cells) }):
		l.fail(contracts.Issue{
			Code: CodeColumnOrderUnknown, Line: first.Places[0].Line, Column: first.Places[0].Column,
			Message: "The list has no titles, and no age tells in which order its columns are",
			Hint:    "Put titles before the first row, like " + strings.Join(orders[0], ",") + ".",
		})
	default:
		l.fail(contracts.Issue{
			Code: CodeColumnsUnknown, Line: first.Places[0].Line, Column: first.Places[0].Column,
			Message: fmt.Sprintf("The first row, of %s, has no titles that are known", count(len(first.Cells), "cell")),
			Hint:    "Begin with a row of titles such as nick,email,password, or say with the upload which column holds what.",
		})
	}
	return nil
}

// takeTitles takes the columns of a row of titles, if it is one.
func (l *List) takeTitles(rec table.Record) bool {
	if !isHeader(rec.Cells, l.options.Mapping) {
		return false
	}
	l.titled = true
	l.take(match(rec.Cells, l.options.Mapping, ByTitle), rec)
	return true
}

// takePlaces takes the columns by the places that the mapping names, where it does. A
// first row without an address is one of titles, then: nobody could be made of it. What
// stands in it is not repeated, in case that it is somebody after all.
func (l *List) takePlaces(rec table.Record) bool {
	if !slices.ContainsFunc(slices.Collect(maps.Keys(l.options.Mapping)), isPosition) {
		return false
	}
	columns := match(make([]string, len(rec.Cells)), l.options.Mapping, ByTitle)
	for i := range columns {
		columns[i].Title = "#" + strconv.Itoa(columns[i].Position)
		if columns[i].Field == Email {
			l.titled = !strings.Contains(rec.Cells[i], "@")
		}
	}
	l.take(columns, rec)
	return true
}

// takeOrder takes the columns of a known order, if a row tells which one it is.
func (l *List) takeOrder(rec table.Record) bool {
	fit := ordersThatFit(rec.Cells)
	if len(fit) != 1 {
		return false
	}
	l.take(match(orders[fit[0]], l.options.Mapping, ByOrder), rec)
	return true
}

// take takes columns that make users, and tells what there is to tell of them.
func (l *List) take(columns []Column, rec table.Record) {
	usable := true
	fault := func(i contracts.Issue) {
		usable = false
		l.fail(i)
	}
	l.markOwn(columns, rec)
	l.checkMapping(columns, fault)
	l.at = make(map[Field]int)
	for i, c := range columns {
		if c.Field == "" {
			continue
		}
		if _, twice := l.at[c.Field]; twice {
			fault(contracts.Issue{
				Code: CodeColumnTwice, Line: rec.Places[i].Line, Column: rec.Places[i].Column, Pointer: pointer(c.Title), Value: cut(c.Title),
				Message: fmt.Sprintf("There are two columns for the field '%s'", c.Field), Hint: "Keep one of them.",
			})
			continue
		}
		l.at[c.Field] = i
	}
	for _, field := range Fields() {
		if field == Password && l.options.Hashed != nil {
			continue // each row tells whether it needs one
		}
		if _, there := l.at[field]; !there && l.options.Rules.needs(field) {
			fault(contracts.Issue{
				Code: CodeColumnMissing, Line: rec.Places[0].Line, Pointer: pointer(string(field)),
				Message: fmt.Sprintf("There is no column for the field '%s'", field),
				Hint:    "Add it, or give the one that holds it another title.",
			})
		}
	}
	l.columns, l.head, l.usable = columns, rec.Places, usable
	for i, c := range columns {
		if c.Field == "" && c.By == "" && c.Title != "" {
			l.leaveOut(i, "This column is not known; what it holds is left out")
		}
	}
}

// markOwn marks the columns that Usher has added itself. They hold no field, whatever
// the mapping says.
func (l *List) markOwn(columns []Column, titles table.Record) {
	l.key = -1
	for i := range columns {
		title := strings.ToLower(strings.TrimSpace(titles.Cells[i]))
		if !l.titled || title != contracts.IssueColumn && title != contracts.RowColumn {
			continue
		}
		columns[i].Title, columns[i].Field, columns[i].By = title, "", ByUsher
		if title == contracts.RowColumn {
			l.key = i
		}
	}
}

// leaveOut tells that a column is not read.
func (l *List) leaveOut(column int, message string) {
	l.report(contracts.Issue{
		Severity: contracts.Info, Code: CodeUnknownColumn, Line: l.head[column].Line, Column: l.head[column].Column,
		Value: cut(l.columns[column].Title), Message: message,
	})
}
