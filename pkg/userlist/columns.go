package userlist

import (
	"slices"
	"strings"
)

// Column is one column of a list.
type Column struct {
	// Title is what the list calls it, or what it is called in the known order that
	// a list without titles has. It is valid UTF-8 without NUL.
	Title string
	// Position counts the columns from 1.
	Position int
	// Field is what it holds; empty where it is left out.
	Field Field
	// By says what has told the field.
	By Match
}

// Match is how the field of a column was found out.
type Match string

// The ways in which a column gets its field.
const (
	ByTitle   Match = "title"
	ByMapping Match = "mapping"
	ByOrder   Match = "order"
	// ByUsher is of the columns that Usher itself has added to rows that it left out.
	ByUsher Match = "usher"
)

// orders are the orders of columns that lists without titles have. The first two have
// been published for the same importer; the long one is that of another.
var orders = [][]string{
	{"Nick Name", "First Name", "Last Name", "Email", "Age", "Current City", "Password", "Mobile Number"},
	{"Nick Name", "First Name", "Last Name", "Email", "Current City", "Password", "Mobile Number", "Age"},
	{
		"nick", "prename", "lastname", "mail", "current_city", "password", "planned_arrival_date", "timezone", "mobile", "tel",
		"age", "hometown", "organization", "organization_web", "facebook", "github", "twitter", "jabber", "dect", "tshirt_size",
	},
}

// longOrder is the one of orders that its length tells from the others.
const longOrder = 2

// match finds the fields of columns. What the mapping says comes first, then the
// titles, then those titles that may mean a field for want of a better one.
func match(titles []string, mapped map[string]Field, by Match) []Column {
	columns := make([]Column, len(titles))
	taken := make(map[Field]bool)
	for i, title := range titles {
		columns[i] = Column{Title: strings.TrimSpace(Storable(title)), Position: i + 1}
	}
	given := mappingOf(mapped)
	for i := range columns {
		c := &columns[i]
		if field, ok := given.of(*c); ok {
			c.Field, c.By = field, ByMapping
			taken[field] = true
		}
	}
	for _, known := range []map[string]Field{fieldsByName, fieldsByLesserName} {
		found := make(map[Field]bool)
		for i := range columns {
			c := &columns[i]
			field := known[nameKey(c.Title)]
			if c.By == "" && field != "" && !taken[field] {
				c.Field, c.By = field, by
				found[field] = true
			}
		}
		for field := range found { // two titles of one field are both kept, and told
			taken[field] = true
		}
	}
	return columns
}

// isHeader tells the titles from a row of somebody. One that is known is not enough,
// because a row of somebody may have it for a city; and no title has an address in it.
// Only what are titles for certain may be repeated in an issue.
func isHeader(titles []string, mapped map[string]Field) bool {
	known := 0
	given := mappingOf(mapped)
	for _, title := range titles {
		if strings.Contains(title, "@") {
			return false
		}
		key := nameKey(title)
		if _, ok := given[key]; ok && key != "" || fieldsByName[key] != "" {
			known++
		}
	}
	return known > 1
}

// ordersThatFit returns those orders of a list without titles that a row fits: it has
// an age where the age belongs. Where there is one order only of so many columns the
// age may be left out, and the address tells.
func ordersThatFit(cells []string) []int {
	var fit []int
	for i, titles := range orders {
		if len(cells) != len(titles) {
			continue
		}
		columns := match(titles, nil, ByOrder)
		of := func(field Field) string {
			return strings.TrimSpace(cells[slices.IndexFunc(columns, func(c Column) bool { return c.Field == field })])
		}
		age := of(Age)
		if isAge(age) || age == "" && i == longOrder && strings.Contains(of(Email), "@") {
			fit = append(fit, i)
		}
	}
	return fit
}
