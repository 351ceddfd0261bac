package desk

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strconv"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/query/internal/projection"
	"github.com/usher-events/usher/services/query/internal/tasks"
)

// The bounds of what a page shows of the issues: of a group, in all, and how many groups
// are open from the beginning.
const (
	issuesOfGroup = 20
	issuesShown   = 200
	groupsOpen    = 5
)

// findingsView is what was found in the file, in groups.
type findingsView struct {
	Counts contracts.IssueCounts
	// Final tells that nothing more will be found.
	Final bool
	// Shown of Total are shown.
	Shown, Total int
	// Severities and Groupings are the ways to look at it.
	Severities, Groupings []linkView
	Groups                []groupView
	// Table is where all of them are, as a table.
	Table string
}

// linkView leads to a page; Here tells that it is the one that is shown.
type linkView struct {
	Label, To string
	Here      bool
}

type groupView struct {
	// Key tells the groups of a page apart.
	Key, Title, Severity, Word string
	Shown, Total               int
	// Mend says what to do about all of the group.
	Mend   string
	Open   bool
	Issues []issueView
}

type issueView struct {
	Severity, Code, Word, File, Place, Message, Value, Hint string
}

// findings reads what was found, as narrowed and grouped by the address of the page.
func (d Desk) findings(ctx context.Context, i projection.Import, asked url.Values) (findingsView, error) {
	severity := contracts.Severity(asked.Get("severity"))
	if severityWords[severity] == "" {
		severity = ""
	}
	by := tasks.ByCode
	if asked.Get("by") == string(tasks.ByFile) {
		by = tasks.ByFile
	}
	groups, err := d.Tasks.IssueGroups(ctx, i, by, severity, issuesOfGroup, issuesShown)
	if err != nil {
		return findingsView{}, err
	}
	counts := i.Issues()
	v := findingsView{Counts: counts, Final: i.State.Final(), Table: "/v1/imports/" + i.ID + "/issues?format=csv"}
	of := map[contracts.Severity]int{
		"": counts.Error + counts.Warning + counts.Info, contracts.Error: counts.Error, contracts.Warning: counts.Warning, contracts.Info: counts.Info,
	}
	v.Total = of[severity]
	for _, s := range []contracts.Severity{"", contracts.Error, contracts.Warning, contracts.Info} {
		label := cmp.Or(severityPlurals[s], "All")
		v.Severities = append(v.Severities, linkView{fmt.Sprintf("%s: %d", label, of[s]), lookAt(s, by), s == severity})
	}
	v.Groupings = []linkView{
		{"By kind", lookAt(severity, tasks.ByCode), by == tasks.ByCode},
		{"By file", lookAt(severity, tasks.ByFile), by == tasks.ByFile},
	}
	if severity != "" {
		v.Table += "&filter[severity]=" + url.QueryEscape(string(severity))
	}
	for n, g := range groups {
		view := groupOf(by, g)
		view.Open = n < groupsOpen
		v.Shown += view.Shown
		v.Groups = append(v.Groups, view)
	}
	v.Total = max(v.Total, v.Shown)
	return v, nil
}

// lookAt is the address of the page as narrowed and grouped.
func lookAt(severity contracts.Severity, by tasks.Grouping) string {
	asked := url.Values{}
	if severity != "" {
		asked.Set("severity", string(severity))
	}
	if by != tasks.ByCode {
		asked.Set("by", string(by))
	}
	return "?" + asked.Encode() + "#found"
}

// groupOf shows a group. It has the severity of its worst issue.
func groupOf(by tasks.Grouping, g tasks.IssueGroup) groupView {
	worst := g.Issues[0].Severity
	v := groupView{
		Key: g.Common, Title: cmp.Or(g.Common, "The file as a whole"), Severity: string(worst), Word: severityWords[worst],
		Shown: len(g.Issues), Total: g.Total,
	}
	if by == tasks.ByCode {
		if code, known := catalogue[g.Common]; known {
			v.Title, v.Mend = code.Means, code.Mend
		}
	}
	for _, found := range g.Issues {
		v.Issues = append(v.Issues, issueView{
			Severity: string(found.Severity), Code: found.Code, Word: severityWords[found.Severity],
			File: found.File, Place: place(found), Message: found.Message, Value: found.Value, Hint: found.Hint,
		})
	}
	return v
}

// catalogue has the codes of issues.
var catalogue = func() map[string]contracts.IssueCode {
	codes := make(map[string]contracts.IssueCode)
	for _, code := range contracts.IssueCodes() {
		codes[code.Code] = code
	}
	return codes
}()

// place is where in its file an issue stands.
func place(found contracts.Issue) string {
	switch {
	case found.Line == 0 && found.SourceID != "": // of an archive that was written
		return "id " + found.SourceID
	case found.Line == 0:
		return ""
	case found.Column == 0:
		return strconv.Itoa(found.Line)
	}
	return fmt.Sprintf("%d, column %d", found.Line, found.Column)
}
