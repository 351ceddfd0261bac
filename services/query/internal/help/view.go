package help

import (
	"fmt"
	"strings"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// view is what the page shows.
type view struct {
	Files  []fileView
	Limits []limitView
	Topics []topicView
}

// fileView is one file of the format. ID is its place in the page.
type fileView struct {
	ID, Name, Title, About string
	Fields                 []fieldView
}

type fieldView struct {
	// Name is the field's name, with those of the objects it is in: "copyright/year".
	Name  string
	Names string
	Kind  string
	// Need is what it means that the field is absent, empty where nothing.
	Need string
}

type limitView struct{ Name, Most string }

// topicView is a part of the catalogue of issues.
type topicView struct {
	Name  string
	Codes []codeView
}

type codeView struct {
	Code, Severity, Word, Means, Done, Mend string
}

func newView() view {
	var v view
	for _, f := range fileWords {
		v.Files = append(v.Files, fileView{
			ID: "file-" + f.name, Name: f.name, Title: f.title, About: f.about,
			Fields: fieldViews("", openevent.Fields(f.entity)),
		})
	}
	limits := openevent.DefaultLimits()
	v.Limits = []limitView{
		{"Files in the archive", count(limits.Entries)},
		{"All files together, unpacked", size(limits.Unpacked)},
		{"One picture or other file", size(limits.Media)},
		{"One record of a list, such as a session", size(int64(limits.Record))},
		{"How many times its packed size a file may be, beyond " + size(limits.RatioFrom), count(int(limits.Ratio))},
		{"How deep lists and objects may lie in each other", count(limits.Depth)},
		{"Issues of an import that are kept; more are counted", count(contracts.MaxIssuesKept)},
	}
	for _, topic := range contracts.IssueTopics() {
		t := topicView{Name: string(topic)}
		for _, c := range contracts.IssueCodes() {
			if c.About == topic {
				t.Codes = append(t.Codes, codeView{c.Code, string(c.Severity), severityWords[c.Severity], c.Means, c.Done, c.Mend})
			}
		}
		v.Topics = append(v.Topics, t)
	}
	return v
}

// fieldViews lists fields, those of the objects inside behind the object.
func fieldViews(in string, fields []openevent.Field) []fieldView {
	var all []fieldView
	for _, f := range fields {
		view := fieldView{Name: in + f.Name, Names: strings.Join(f.Aliases, ", "), Kind: kindWords[f.Kind]}
		switch {
		case f.Required:
			view.Need = "needed"
		case f.Wanted:
			view.Need = "expected"
		}
		all = append(all, view)
		all = append(all, fieldViews(in+f.Name+"/", f.Fields)...)
	}
	return all
}

// count is a number as people read it: "100,000".
func count(n int) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// size is a number of bytes as people read it.
func size(n int64) string {
	const mib = 1 << 20
	if n >= 1<<30 {
		return fmt.Sprintf("%d GiB", n>>30)
	}
	return fmt.Sprintf("%d MiB", n/mib)
}
