package openevent

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/usher-events/usher/contracts"
)

// socialLinksName is the file of the event's social links. It stands beside the
// others in archives of the summer of 2016; later ones have the links inside of
// the event.
const socialLinksName = "social_links"

// dataFiles gives the files that are read, in the order in which they are.
func dataFiles() []string {
	return []string{
		Events.Name, socialLinksName, Forms.Name, Microlocations.Name, Sponsors.Name,
		Speakers.Name, Tracks.Name, SessionTypes.Name, Sessions.Name,
	}
}

// otherFiles are data, too, but for other programs: nothing of them is read.
func otherFiles() []string { return []string{metaName, "config"} }

// metaName is the file that says where an archive comes from.
const metaName = "meta"

// dataName returns the name that a data file has in this package, "" where a
// name is that of no data file. Exporters have written ".json" behind it, with
// capitals, with dashes, and two names that are no longer in use.
func dataName(base string) string {
	name := strings.ReplaceAll(strings.TrimSuffix(strings.ToLower(base), ".json"), "-", "_")
	switch name {
	case "events":
		name = Events.Name
	case "custom_forms":
		name = Forms.Name
	}
	if slices.Contains(dataFiles(), name) || slices.Contains(otherFiles(), name) {
		return name
	}
	return ""
}

// spellingRank orders the spellings of a data file's name, the one that is read
// first: the name without an extension, and each as the format has it.
func spellingRank(base, name string) int {
	switch {
	case base == name:
		return 0
	case !strings.HasSuffix(strings.ToLower(base), ".json"):
		return 1
	case base == name+".json":
		return 2
	default:
		return 3
	}
}

// data returns the entry of a data file by the name that it has in this
// package ("session_types"), however the archive spells it.
func (a *Archive) data(name string) (*entry, bool) {
	e, ok := a.files[name]
	return e, ok
}

// locate finds the data files: in the root of the archive, or, where the root
// has none, in the one folder there that has. It also marks what is data and
// therefore never media: a media path such as "/speakers" must not publish the
// speakers' e-mail addresses.
func (a *Archive) locate() {
	found := map[string][]*entry{} // by folder
	for name, e := range a.entries {
		folder, base := path.Split(name)
		if strings.Count(folder, "/") <= 1 && dataName(base) != "" {
			found[folder] = append(found[folder], e)
		}
	}
	a.folder = dataFolder(found)
	for _, e := range found[""] {
		e.data = true
	}
	a.files = map[string]*entry{}
	inFolder := found[a.folder]
	slices.SortFunc(inFolder, func(x, y *entry) int {
		bx, by := path.Base(x.name), path.Base(y.name)
		return cmp.Or(cmp.Compare(spellingRank(bx, dataName(bx)), spellingRank(by, dataName(by))), cmp.Compare(x.name, y.name))
	})
	for _, e := range inFolder {
		e.data = true
		name := dataName(path.Base(e.name))
		if slices.Contains(otherFiles(), name) {
			continue
		}
		if _, taken := a.files[name]; taken {
			a.unread = append(a.unread, e)
		} else {
			a.files[name] = e
		}
	}
}

// dataFolder chooses among the folders that hold entries with names of data files.
func dataFolder(found map[string][]*entry) string {
	isRead := func(e *entry) bool { return !slices.Contains(otherFiles(), dataName(path.Base(e.name))) }
	if slices.ContainsFunc(found[""], isRead) {
		return ""
	}
	var folders []string
	for folder, entries := range found {
		if slices.ContainsFunc(entries, isRead) {
			folders = append(folders, folder)
		}
	}
	if len(folders) != 1 {
		return ""
	}
	return folders[0]
}

// layout tells what is unusual about where the data files are.
func (a *Archive) layout() []contracts.Issue {
	var issues []contracts.Issue
	if a.folder != "" {
		issues = append(issues, contracts.Issue{
			Severity: contracts.Info, Code: CodeFileInFolder, File: a.folder,
			Message: fmt.Sprintf("All files stand in the folder '%s' instead of the root of the archive; they are read from there", strings.TrimSuffix(a.folder, "/")),
		})
	}
	for _, name := range dataFiles() {
		if e, ok := a.data(name); ok && e.doubled {
			issues = append(issues, contracts.Issue{
				Severity: contracts.Warning, Code: CodeDuplicateEntry, File: e.name,
				Message: fmt.Sprintf("The file '%s' stands twice in the archive; the last one is read", e.name),
			})
		}
	}
	for _, e := range a.unread {
		read := a.files[dataName(path.Base(e.name))]
		issues = append(issues, contracts.Issue{
			Severity: contracts.Warning, Code: CodeDuplicateEntry, File: e.name,
			Message: fmt.Sprintf("The files '%s' and '%s' are meant to be the same; '%s' is read and '%s' is not", read.name, e.name, read.name, e.name),
			Hint:    "Remove the one that is not wanted",
		})
	}
	return issues
}
