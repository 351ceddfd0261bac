package archive

import (
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/pkg/stage"
)

// SpeakerRow is a row of people.speakers.
type SpeakerRow struct {
	bun.BaseModel `bun:"table:people.speakers"`
	stage.Row

	Name                string `bun:"name"`
	Email               string `bun:"email,nullzero"`
	Organisation        string `bun:"organisation,nullzero"`
	Country             string `bun:"country,nullzero"`
	City                string `bun:"city,nullzero"`
	Position            string `bun:"position,nullzero"`
	Mobile              string `bun:"mobile,nullzero"`
	PhotoURL            string `bun:"photo_url,nullzero"`
	ThumbnailImageURL   string `bun:"thumbnail_image_url,nullzero"`
	SmallImageURL       string `bun:"small_image_url,nullzero"`
	IconImageURL        string `bun:"icon_image_url,nullzero"`
	ShortBiography      string `bun:"short_biography,nullzero"`
	LongBiography       string `bun:"long_biography,nullzero"`
	SpeakingExperience  string `bun:"speaking_experience,nullzero"`
	SponsorshipRequired string `bun:"sponsorship_required,nullzero"`
	HeardFrom           string `bun:"heard_from,nullzero"`
	Gender              string `bun:"gender,nullzero"`
	IsFeatured          *bool  `bun:"is_featured"`
	Website             string `bun:"website,nullzero"`
	Twitter             string `bun:"twitter,nullzero"`
	Facebook            string `bun:"facebook,nullzero"`
	GitHub              string `bun:"github,nullzero"`
	LinkedIn            string `bun:"linkedin,nullzero"`
}

// MapSpeaker maps one speaker. The sessions that the record names are not
// taken: the session's side of that relation is the one that counts.
func MapSpeaker(sc *stage.Scope, rec openevent.Record[openevent.Speaker]) *SpeakerRow {
	s := rec.Value
	return &SpeakerRow{
		Row:                 stage.RowOf(sc, rec),
		Name:                s.Name,
		Email:               s.Email,
		Organisation:        s.Organisation,
		Country:             s.Country,
		City:                s.City,
		Position:            s.Position,
		Mobile:              s.Mobile,
		PhotoURL:            s.Photo,
		ThumbnailImageURL:   s.Thumbnail,
		SmallImageURL:       s.Small,
		IconImageURL:        s.Icon,
		ShortBiography:      s.ShortBiography.Clean(),
		LongBiography:       s.LongBiography.Clean(),
		SpeakingExperience:  s.SpeakingExperience.Clean(),
		SponsorshipRequired: s.SponsorshipRequired.Clean(),
		HeardFrom:           s.HeardFrom,
		Gender:              s.Gender,
		IsFeatured:          s.Featured,
		Website:             s.Website,
		Twitter:             s.Twitter,
		Facebook:            s.Facebook,
		GitHub:              s.GitHub,
		LinkedIn:            s.LinkedIn,
	}
}
