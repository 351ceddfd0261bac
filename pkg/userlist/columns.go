package userlist

import (
	"slices"
	"strconv"
	"strings"
)

// aliases are the names that headers have for the fields of a user, without
// upper case, blanks, underscores and hyphens.
var aliases = map[string]Field{
	"nick":               Nick,
	"nickname":           Nick,
	"username":           Nick,
	"email":              Email,
	"emailaddress":       Email,
	"mail":               Email,
	"password":           Password,
	"firstname":          FirstName,
	"givenname":          FirstName,
	"prename":            FirstName,
	"familyname":         LastName,
	"lastname":           LastName,
	"surname":            LastName,
	"age":                Age,
	"city":               City,
	"currentcity":        City,
	"mobile":             Mobile,
	"mobilenumber":       Mobile,
	"mobilephone":        Mobile,
	"pronoun":            Pronoun,
	"dect":               DECT,
	"tshirtsize":         TShirtSize,
	"plannedarrival":     PlannedArrival,
	"plannedarrivaldate": PlannedArrival,
}

// required are the fields without which there is no account.
var required = []Field{Nick, Email, Password}

// headerless are the orders of columns that lists without a header have. Both
// have been published for the same importer.
var headerless = [][]string{
	{"Nick Name", "First Name", "Last Name", "Email", "Age", "Current City", "Password", "Mobile Number"},
	{"Nick Name", "First Name", "Last Name", "Email", "Current City", "Password", "Mobile Number", "Age"},
}

// column is one column of a list: what it is called there, and which field it
// holds; none where it is not known.
type column struct {
	title string
	field Field
}

// gaps are what the words of a name are kept apart by.
var gaps = strings.NewReplacer(" ", "", "_", "", "-", "")

// columnsOf reads a row as a header.
func columnsOf(titles []string) []column {
	columns := make([]column, len(titles))
	for i, title := range titles {
		title = strings.TrimSpace(title)
		name := gaps.Replace(Key(title))
		columns[i] = column{title: title, field: aliases[name]}
	}
	return columns
}

// isHeader tells a header from a row of somebody. One name that is known is not
// enough, because a row of somebody may have it for a city; and no header has an
// address. Only what is a header for certain may be repeated in an issue.
func isHeader(columns []column) bool {
	known := 0
	for _, c := range columns {
		if strings.Contains(c.title, "@") {
			return false
		}
		if c.field != "" {
			known++
		}
	}
	return known > 1
}

// ordersThatFit returns those orders of a list without a header in which a row
// has its age where the age belongs.
func ordersThatFit(cells []string) [][]column {
	var fit [][]column
	for _, titles := range headerless {
		columns := columnsOf(titles)
		at := slices.IndexFunc(columns, func(c column) bool { return c.field == Age })
		if len(cells) == len(columns) && isAge(strings.TrimSpace(cells[at])) {
			fit = append(fit, columns)
		}
	}
	return fit
}

func isAge(s string) bool {
	age, err := strconv.Atoi(s)
	return err == nil && ageFault(&age) == nil
}
