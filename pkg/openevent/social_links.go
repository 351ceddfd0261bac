package openevent

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/usher-events/usher/contracts"
)

// socialLinks is the file that archives of the first months have beside the
// event. It is part of the event's record, as in all later ones.
var socialLinks = File[SocialLink]{Name: socialLinksName, Type: contracts.SocialLinks, schema: schemaOf[SocialLink]()}

// completeEvent gives the event the social links of the file that may stand
// beside it, unless it has its own.
func completeEvent(a *Archive, record *Record[Event], report func(contracts.Issue)) error {
	e := &record.Value
	if _, ok := a.data(socialLinks.Name); !ok {
		return nil
	}
	own := slices.Clone(e.SocialLinks)
	from, unused := "", 0
	size := int64(0)
	err := readFile(a, socialLinks, reading{report: report, ids: newIDs()}, func(r Record[SocialLink]) bool {
		from = r.File
		// As part of the event's record the list has the limits of one.
		if size += int64(len(r.raw)); size > int64(a.limits.Record) || r.Index >= maxValues {
			report(contracts.Issue{
				Severity: contracts.Error, Code: CodeRecordTooLarge, File: r.File, Line: r.Line, Column: r.Column,
				Message: fmt.Sprintf("The list is larger than %s or has more than %d records", bytesText(int64(a.limits.Record)), maxValues),
			})
			return false
		}
		if len(own) == 0 {
			// What the link has beside is kept as if it stood in the event.
			for key, value := range r.Extra {
				if record.Extra == nil {
					record.Extra = map[string]json.RawMessage{}
				}
				record.Extra[fmt.Sprintf("social_links/%d/%s", len(e.SocialLinks), key)] = value
			}
			e.SocialLinks = append(e.SocialLinks, r.Value)
		} else if !slices.ContainsFunc(own, func(l SocialLink) bool { return l.Name == r.Value.Name && l.Link == r.Value.Link }) {
			unused++
		}
		return true
	})
	if len(own) > 0 && from != "" {
		issue := contracts.Issue{
			Severity: contracts.Info, Code: CodeSocialLinksFile, File: from,
			Message: "The event has its own social links; this file has the same and is not used",
		}
		if unused > 0 {
			issue.Severity = contracts.Warning
			issue.Message = fmt.Sprintf("The event has its own social links, so this file is not used; %d of its links are left out", unused)
		}
		report(issue)
	}
	return err
}
