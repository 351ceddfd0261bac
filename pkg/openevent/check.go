package openevent

import (
	"fmt"

	"github.com/usher-events/usher/contracts"
)

// Check reads every data file once and reports all issues of all of them: what
// Records finds, ids that repeat and references that lead nowhere. Whether
// media files are there is not looked at. The totals say how many records of
// each type there are to be made: links between sessions and speakers count
// where both ends are there, media where a field names a file of the archive,
// whether it is there or not.
//
// The error is the source's, never about the archive's content.
func Check(a *Archive, report func(contracts.Issue)) (Summary, error) {
	if report == nil {
		report = func(contracts.Issue) {}
	}
	c := checker{archive: a, totals: map[contracts.EntityType]int{}, report: report}
	for _, issue := range a.layout() {
		report(issue)
	}
	err := c.run()
	return Summary{Totals: c.totals}, err
}

// Summary is what an archive comes to.
type Summary struct {
	// Totals says how many records of each type there are to be made.
	Totals map[contracts.EntityType]int
	// Rebuilt is as in contracts.Carried, for Archive.Rebuild.
	Rebuilt []contracts.EntityType
	// Event is the event's name, "" where it has none that can be read.
	Event string
}

// checker collects what is compared across records and files.
type checker struct {
	archive *Archive
	totals  map[contracts.EntityType]int
	report  func(contracts.Issue)
}

func (c *checker) run() error {
	_, err := checkFile(c, Events, func(r Record[Event]) {
		c.totals[contracts.SocialLinks] += len(r.Value.SocialLinks)
		c.media(r.Value.Media())
	})
	if err != nil {
		return err
	}
	if _, err = checkFile(c, Forms, func(r Record[Form]) {
		// The record is no entity itself, its fields are.
		c.totals[contracts.CustomForms] += len(r.Value.Fields()) - 1
	}); err != nil {
		return err
	}
	rooms, err := checkFile(c, Microlocations, nil)
	if err != nil {
		return err
	}
	if _, err = checkFile(c, Sponsors, func(r Record[Sponsor]) { c.media(r.Value.Media()) }); err != nil {
		return err
	}
	speakers, err := checkFile(c, Speakers, func(r Record[Speaker]) { c.media(r.Value.Media()) })
	if err != nil {
		return err
	}
	tracks, err := checkFile(c, Tracks, func(r Record[Track]) { c.media(r.Value.Media()) })
	if err != nil {
		return err
	}
	types, err := checkFile(c, SessionTypes, nil)
	if err != nil {
		return err
	}
	_, err = checkFile(c, Sessions, func(r Record[Session]) {
		c.media(r.Value.Media())
		c.totals[contracts.SessionSpeakers] += resolve(c, r, speakers, "speakers", r.Value.Speakers...)
		resolve(c, r, rooms, "microlocation", r.Value.Microlocation)
		resolve(c, r, tracks, "track", r.Value.Track)
		resolve(c, r, types, "session_type", r.Value.SessionType)
	})
	if err != nil {
		return err
	}
	for _, t := range []*targets{speakers, rooms, tracks, types} {
		t.summary(c)
	}
	return nil
}

// media counts the uploads that name files of the archive.
func (c *checker) media(refs []MediaRef) {
	for _, ref := range refs {
		if !IsURL(ref.Value) {
			c.totals[contracts.MediaFiles]++
		}
	}
}

// targets are the ids of one file, to which references lead.
type targets struct {
	file string
	// first is the line of the first record with the id.
	first map[string]int
	// readable tells that the whole list is known. Without it references are
	// not told one by one: what is wrong with the file says enough.
	readable bool
	missing  bool
	// lost counts references into a file that is missing.
	lost int
}

// checkFile reads one file, counts its records and reports ids that repeat.
func checkFile[T any](c *checker, f File[T], each func(Record[T])) (*targets, error) {
	t := &targets{file: f.Name, first: map[string]int{}, readable: true}
	e, found := c.archive.data(f.Name)
	t.missing = !found
	if found {
		t.file = e.name
	}
	c.totals[f.Type] += 0 // a type that the archive has none of counts as 0
	unknown := unknownKeys{file: t.file}
	defer unknown.report(c.report)
	report := func(issue contracts.Issue) {
		if issue.RecordIndex == nil || issue.Code == CodeRecordNotObject {
			t.readable = false
		}
		c.report(issue)
	}
	for record, err := range Records(c.archive, f, report) {
		if err != nil {
			return t, err
		}
		c.totals[f.Type]++
		unknown.add(record.Line, record.Extra)
		if line, repeated := t.first[record.ID]; repeated {
			c.report(record.Issue(contracts.Warning, CodeDuplicateID, "id",
				fmt.Sprintf("The id %s stands already in line %d; references go to the last record that has it", record.ID, line)))
		} else if record.ID != "" {
			t.first[record.ID] = record.Line
		}
		if each != nil {
			each(record)
		}
	}
	return t, nil
}

// resolve reports the references that lead nowhere and counts the others.
func resolve(c *checker, r Record[Session], t *targets, field string, refs ...Ref) int {
	found := 0
	for _, ref := range refs {
		if ref.IsZero() {
			continue
		}
		if _, ok := t.first[ref.ID]; ok {
			found++
			continue
		}
		if t.missing {
			t.lost++
		}
		if t.readable {
			issue := r.Issue(contracts.Warning, CodeDanglingReference, field,
				fmt.Sprintf("'%s' refers to id %s, which is not in the file '%s'; the reference is left out", field, ref.ID, t.file))
			issue.Value = cut(ref.ID)
			c.report(issue)
		}
	}
	return found
}

// summary tells of all references into a missing file at once.
func (t *targets) summary(c *checker) {
	if t.lost == 0 {
		return
	}
	c.report(contracts.Issue{
		Severity: contracts.Warning, Code: CodeDanglingReference, File: Sessions.Name,
		Message: fmt.Sprintf("%d references lead to the file '%s', which is missing; they are left out", t.lost, t.file),
	})
}
