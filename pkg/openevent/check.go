package openevent

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/usher-events/usher/contracts"
)

// Summary is what an archive comes to.
type Summary struct {
	// Totals says how many records of each type there are to be made: links
	// between sessions and speakers count where both ends are there, media where
	// a field names a file of the archive, whether it is there or not, and those
	// with an address of the web only where they are Fetched.
	Totals map[contracts.EntityType]int
	// Rebuilt is as in contracts.Carried, for Archive.Rebuild.
	Rebuilt []contracts.EntityType
	// Event is the event's name, "" where it has none that can be read.
	Event string
}

// Check reads every data file once and reports all issues of all of them: what
// Records finds, ids that repeat, references that lead nowhere, relations whose
// two sides disagree, files that are missing and files that nobody needs.
//
// The error is the source's, never about the archive's content.
func Check(a *Archive, report func(contracts.Issue)) (Summary, error) {
	if report == nil {
		report = func(contracts.Issue) {}
	}
	c := checker{
		archive: a, report: report,
		summary: Summary{Totals: map[contracts.EntityType]int{}}, used: map[string]bool{},
	}
	for _, issue := range a.layout() {
		report(issue)
	}
	err := c.run()
	return c.summary, err
}

// checker collects what is compared across records and files.
type checker struct {
	archive *Archive
	summary Summary
	report  func(contracts.Issue)
	// copies has the keys of records that are made of the copies in sessions.
	copies unknownKeys
	// used are the names of the media files that records refer to.
	used map[string]bool
}

func (c *checker) count(t contracts.EntityType, n int) { c.summary.Totals[t] += n }

func (c *checker) run() error {
	// What has no file of its own counts as 0 where there is none, as the others do.
	for _, t := range []contracts.EntityType{contracts.SocialLinks, contracts.SessionSpeakers, contracts.MediaFiles} {
		c.count(t, 0)
	}
	_, err := checkFile(c, Events, func(r Record[Event]) {
		c.summary.Event = r.Value.Name
		c.count(contracts.SocialLinks, len(r.Value.SocialLinks))
		checkMedia(c, r, r.Value.Media())
	})
	if err != nil {
		return err
	}
	if _, err = checkFile(c, Forms, func(r Record[Form]) {
		// The record is no entity itself, its fields are.
		c.count(contracts.CustomForms, len(r.Value.Fields())-1)
	}); err != nil {
		return err
	}
	rooms, err := checkFile(c, Microlocations, nil)
	if err != nil {
		return err
	}
	if _, err = checkFile(c, Sponsors, func(r Record[Sponsor]) { checkMedia(c, r, r.Value.Media()) }); err != nil {
		return err
	}
	speakerLinks := newLinks()
	speakers, err := checkFile(c, Speakers, func(r Record[Speaker]) {
		checkMedia(c, r, r.Value.Media())
		speakerLinks.say(r.ID, r.back)
	})
	if err != nil {
		return err
	}
	trackLinks := newLinks()
	tracks, err := checkFile(c, Tracks, func(r Record[Track]) {
		checkMedia(c, r, r.Value.Media())
		trackLinks.say(r.ID, r.back)
	})
	if err != nil {
		return err
	}
	types, err := checkFile(c, SessionTypes, nil)
	if err != nil {
		return err
	}
	sessions, err := checkFile(c, Sessions, func(r Record[Session]) {
		checkMedia(c, r, r.Value.Media())
		c.count(contracts.SessionSpeakers, resolve(c, r, speakers, "speakers", r.Value.Speakers...))
		checkInline(c, r, Microlocations, rooms)
		checkInline(c, r, Tracks, tracks)
		checkInline(c, r, SessionTypes, types)
		resolve(c, r, rooms, "microlocation", r.Value.Microlocation)
		resolve(c, r, tracks, "track", r.Value.Track)
		resolve(c, r, types, "session_type", r.Value.SessionType)
		if !r.repeated { // else nobody can know which of them is meant
			speakerLinks.compare(r.ID, r.Value.Speakers...)
			trackLinks.compare(r.ID, r.Value.Track)
		}
	})
	if err != nil {
		return err
	}
	c.copies.file = sessions.file
	c.copies.report(c.report)
	for _, t := range []*targets{speakers, rooms, tracks, types} {
		t.summary(c, sessions.file)
	}
	speakerLinks.summary(c, speakers.file, sessions.file)
	trackLinks.summary(c, tracks.file, sessions.file)
	if issue, ok := c.archive.unused(c.used); ok {
		c.report(issue)
	}
	return nil
}

// checkMedia counts the uploads that are to be brought in, and reports those of
// the archive that are not there or too large.
func checkMedia[T any](c *checker, r Record[T], refs []MediaRef) {
	for _, ref := range refs {
		if !IsURL(ref.Value) || c.archive.Fetched {
			c.count(contracts.MediaFiles, 1)
		}
		if IsURL(ref.Value) {
			continue
		}
		tell := func(severity contracts.Severity, code, message, hint string) {
			issue := r.Issue(severity, code, ref.Field, message)
			issue.Value, issue.Hint = cut(ref.Value), hint
			c.report(issue)
		}
		file, ok := c.archive.Media(ref.Value)
		if !ok {
			tell(contracts.Warning, CodeMediaMissing, fmt.Sprintf("The file '%s' is not in the archive", cut(ref.Value)),
				"Add the file to the archive under this very name, or remove the reference")
			continue
		}
		c.used[file.Name] = true
		if file.Respelled {
			tell(contracts.Info, CodeMediaName, fmt.Sprintf("The file stands in the archive as '%s'", cut(file.Name)), "")
		}
		if file.tooLarge() {
			tell(contracts.Warning, CodeMediaTooLarge, fmt.Sprintf("The file '%s' is %s", cut(file.Name), file.sizes()),
				"Make the file smaller, or give its address on the web instead")
		}
	}
}

// targets are the records of one file, to which references lead.
type targets struct {
	file string
	ids  *ids
	// readable tells that the whole list is known. Without it references are
	// not told one by one: what is wrong with the file says enough.
	readable bool
	missing  bool
	// lost counts references into a file that is missing.
	lost int
}

// checkFile reads one file and counts its records.
func checkFile[T any](c *checker, f File[T], each func(Record[T])) (*targets, error) {
	e, found := c.archive.data(f.Name)
	t := &targets{file: f.Name, ids: newIDs(), readable: found, missing: !found}
	if found {
		t.file = e.name
	}
	c.count(f.Type, 0) // a type that the archive has none of counts as 0
	unknown := unknownKeys{file: t.file}
	report := func(issue contracts.Issue) {
		if issue.Severity == contracts.Error && (issue.RecordIndex == nil || issue.Code == CodeRecordNotObject) {
			t.readable = false
		}
		c.report(issue)
	}
	err := readFile(c.archive, f, reading{report: report, ids: t.ids, related: true}, func(r Record[T]) bool {
		c.count(f.Type, 1)
		unknown.add(r.Line, r.Extra)
		if each != nil {
			each(r)
		}
		return true
	})
	unknown.report(c.report)
	return t, err
}

// checkInline finds the record that a session refers to where only sessions
// hold copies of it.
func checkInline[T any](c *checker, session Record[Session], f File[T], t *targets) {
	if !t.readable && !t.missing {
		return
	}
	for _, in := range session.inline {
		if in.field != f.inside {
			continue
		}
		record, ok := inlineRecord(c.archive, f, session, in, t.ids, c.report)
		if !ok {
			continue
		}
		for key := range record.Extra {
			c.copies.add(record.Line, map[string]json.RawMessage{in.field + "/" + key: nil})
		}
		c.count(f.Type, 1)
		if !slices.Contains(c.summary.Rebuilt, f.Type) {
			c.summary.Rebuilt = append(c.summary.Rebuilt, f.Type)
		}
		c.report(record.Issue(contracts.Warning, CodeRecordRebuilt, "",
			fmt.Sprintf("The record with id %s is not in the file '%s'; it is made of the copy in this session", cut(in.id), t.file)))
	}
}

// resolve reports the references that lead nowhere and counts the others.
func resolve(c *checker, r Record[Session], t *targets, field string, refs ...Ref) int {
	found := 0
	for _, ref := range refs {
		if ref.IsZero() {
			continue
		}
		if t.ids.has(ref.ID) {
			found++
			continue
		}
		if t.missing {
			t.lost++
		}
		if t.readable {
			issue := r.Issue(contracts.Warning, CodeDanglingReference, field,
				fmt.Sprintf("'%s' refers to id %s, which is not in the file '%s'; the reference is left out", field, cut(ref.ID), t.file))
			issue.Value = cut(ref.ID)
			c.report(issue)
		}
	}
	return found
}

// summary tells of all references into a missing file at once.
func (t *targets) summary(c *checker, sessions string) {
	if t.lost == 0 || t.readable {
		return
	}
	c.report(contracts.Issue{
		Severity: contracts.Warning, Code: CodeDanglingReference, File: sessions,
		Message: fmt.Sprintf("%d references lead to the file '%s', which is missing; they are left out", t.lost, t.file),
	})
}
