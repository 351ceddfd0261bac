package openevent

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/usher-events/usher/contracts"
)

// unused tells of the files that no record refers to, given the names of the
// entries that one does (MediaFile.Name). False where there are none.
func (a *Archive) unused(used map[string]bool) (contracts.Issue, bool) {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(a.entries)) {
		if !a.entries[name].data && !used[name] {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return contracts.Issue{}, false
	}
	message := fmt.Sprintf("No record refers to %d of the files; they are left out", len(names))
	if len(names) == 1 {
		message = fmt.Sprintf("No record refers to the file '%s'; it is left out", names[0])
	}
	return contracts.Issue{
		Severity: contracts.Info, Code: CodeUnusedFiles, Message: message,
		// More names than these do not fit into a value.
		Value: cut(strings.Join(names[:min(len(names), contracts.MaxIssueValue)], ", ")),
	}, true
}
