package userlist

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/usher-events/usher/contracts"
)

// mapping is what an upload says of its columns: by the key of a title, or by "#3".
type mapping map[string]Field

func mappingOf(given map[string]Field) mapping {
	keys := make(mapping, len(given))
	for name, field := range given {
		if !isPosition(name) {
			name = nameKey(name)
		}
		keys[name] = field
	}
	return keys
}

// isPosition tells "#3" from a title.
func isPosition(name string) bool {
	number, ok := strings.CutPrefix(name, "#")
	n, err := strconv.Atoi(number)
	return ok && err == nil && n > 0 && number == strconv.Itoa(n)
}

// of returns what a mapping says of a column. Its place is said more exactly than its
// title.
func (m mapping) of(c Column) (Field, bool) {
	if len(m) == 0 {
		return "", false
	}
	if field, ok := m["#"+strconv.Itoa(c.Position)]; ok {
		return field, true
	}
	field, ok := m[nameKey(c.Title)]
	return field, ok && c.Title != ""
}

// checkMapping tells what of a mapping leads nowhere.
func (l *List) checkMapping(columns []Column, fault func(contracts.Issue)) {
	given := l.options.Mapping
	for _, name := range slices.Sorted(maps.Keys(given)) {
		one := mappingOf(map[string]Field{name: ""})
		if !slices.ContainsFunc(columns, func(c Column) bool { _, ok := one.of(c); return ok }) {
			fault(contracts.Issue{
				Code: CodeMappingColumn, Value: cut(name), Message: "The mapping names a column that there is not",
				Hint: `Name columns by their titles, or by their places: "#1" is the first.`,
			})
		}
		if field := given[name]; field != "" && !slices.Contains(Fields(), field) {
			fault(contracts.Issue{
				Code: CodeMappingField, Value: cut(string(field)), Message: "The mapping names a field that users do not have",
				Hint: fmt.Sprintf("The fields are %v.", Fields()),
			})
		}
	}
}
