// Package archive maps the people of an event archive to rows.
package archive

import (
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/stage"
)

// SponsorRow is a row of people.sponsors.
type SponsorRow struct {
	bun.BaseModel `bun:"table:people.sponsors"`
	stage.Row

	Name        string `bun:"name"`
	URL         string `bun:"url,nullzero"`
	LogoURL     string `bun:"logo_url,nullzero"`
	Description string `bun:"description,nullzero"`
	Level       string `bun:"level,nullzero"`
	Type        string `bun:"type,nullzero"`
}

// MapSponsor maps one sponsor.
func MapSponsor(sc *stage.Scope, rec openevent.Record[openevent.Sponsor]) *SponsorRow {
	s := rec.Value
	return &SponsorRow{
		Row:         stage.RowOf(sc, rec),
		Name:        s.Name,
		URL:         s.URL,
		LogoURL:     s.Logo,
		Description: s.Description.Clean(),
		Level:       s.Level,
		Type:        s.SponsorType,
	}
}
