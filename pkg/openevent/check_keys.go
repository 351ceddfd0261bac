package openevent

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/usher-events/usher/contracts"
)

// maxUnknownKeys bounds the keys of one file that are told one by one.
const maxUnknownKeys = 100

// unknownKeys collects the keys of a file that the format does not know. Each
// is told once and not for every record: whoever added a key added it to all.
type unknownKeys struct {
	file  string
	found []unknownKey
	// more counts the values of keys beyond maxUnknownKeys.
	more int
}

type unknownKey struct {
	key     string
	records int
	// line is that of the first record that has the key.
	line int
}

// listIndex matches the places in lists, which a key's path names.
var listIndex = regexp.MustCompile(`/[0-9]+(/|$)`)

func (u *unknownKeys) add(line int, extra map[string]json.RawMessage) {
	for _, path := range slices.Sorted(maps.Keys(extra)) {
		key := cut(listIndex.ReplaceAllString(path, "/*$1")) // it outlives the record
		i, known := slices.BinarySearchFunc(u.found, key, func(k unknownKey, key string) int { return cmp.Compare(k.key, key) })
		switch {
		case known:
			u.found[i].records++
		case len(u.found) < maxUnknownKeys:
			u.found = slices.Insert(u.found, i, unknownKey{key: key, records: 1, line: line})
		default:
			u.more++
		}
	}
}

func (u *unknownKeys) report(report func(contracts.Issue)) {
	for _, k := range u.found {
		report(contracts.Issue{
			Severity: contracts.Info, Code: CodeUnknownKey, File: u.file, Line: k.line, Value: cut(k.key),
			Message: fmt.Sprintf("The format has no key '%s'; it was found %d times and is kept aside", cut(k.key), k.records),
		})
	}
	if u.more > 0 {
		report(contracts.Issue{
			Severity: contracts.Info, Code: CodeUnknownKey, File: u.file,
			Message: fmt.Sprintf("%d values more of other keys are kept aside", u.more),
		})
	}
}
