package core

import (
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/stage"
)

// SocialLinkRow is a row of event.social_links.
type SocialLinkRow struct {
	bun.BaseModel `bun:"table:event.social_links"`
	stage.Row

	Name string `bun:"name,nullzero"`
	Link string `bun:"link,nullzero"`
}

// MapSocialLinks maps the links that stand inside the event's record.
func MapSocialLinks(sc *stage.Scope, rec openevent.Record[openevent.Event]) []*SocialLinkRow {
	rows := make([]*SocialLinkRow, 0, len(rec.Value.SocialLinks))
	for n, link := range rec.Value.SocialLinks {
		rows = append(rows, &SocialLinkRow{
			Row:  sc.Nested(rec.Origin(), n, link.ID),
			Name: link.Name,
			Link: link.Link,
		})
	}
	return rows
}
