package export

import (
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/openevent"
)

type sponsorRow struct {
	bun.BaseModel `bun:"table:people.api_sponsors,alias:r"`
	row

	Name        string
	URL         string `bun:",nullzero"`
	LogoURL     string `bun:",nullzero"`
	Description string `bun:",nullzero"`
	Level       string `bun:",nullzero"`
	Type        string `bun:",nullzero"`
}

func (s *sponsorRow) called() string { return s.Name }

func (s *sponsorRow) record(files fields) openevent.Sponsor {
	return openevent.Sponsor{
		ID: s.id(), Name: s.Name, URL: s.URL, Logo: files.of("logo", s.LogoURL),
		Description: openevent.HTML(s.Description), Level: s.Level, SponsorType: s.Type,
	}
}

type speakerRow struct {
	bun.BaseModel `bun:"table:people.api_speakers,alias:r"`
	row

	Name                string
	Email               string `bun:",nullzero"`
	Organisation        string `bun:",nullzero"`
	Country             string `bun:",nullzero"`
	City                string `bun:",nullzero"`
	Position            string `bun:",nullzero"`
	Mobile              string `bun:",nullzero"`
	PhotoURL            string `bun:",nullzero"`
	ThumbnailImageURL   string `bun:",nullzero"`
	SmallImageURL       string `bun:",nullzero"`
	IconImageURL        string `bun:",nullzero"`
	ShortBiography      string `bun:",nullzero"`
	LongBiography       string `bun:",nullzero"`
	SpeakingExperience  string `bun:",nullzero"`
	SponsorshipRequired string `bun:",nullzero"`
	HeardFrom           string `bun:",nullzero"`
	Gender              string `bun:",nullzero"`
	IsFeatured          *bool
	Website             string `bun:",nullzero"`
	Twitter             string `bun:",nullzero"`
	Facebook            string `bun:",nullzero"`
	GitHub              string `bun:"github,nullzero"`
	LinkedIn            string `bun:"linkedin,nullzero"`

	// Sessions are those that the speaker speaks in.
	Sessions []named `bun:",scanonly,type:json"`
}

func (s *speakerRow) called() string { return s.Name }

func (s *speakerRow) record(files fields) openevent.Speaker {
	return openevent.Speaker{
		ID:                  s.id(),
		Name:                s.Name,
		Email:               s.Email,
		Organisation:        s.Organisation,
		Country:             s.Country,
		Position:            s.Position,
		City:                s.City,
		Photo:               files.of("photo", s.PhotoURL),
		Thumbnail:           files.of("thumbnail", s.ThumbnailImageURL),
		Small:               files.of("small", s.SmallImageURL),
		Icon:                files.of("icon", s.IconImageURL),
		ShortBiography:      openevent.HTML(s.ShortBiography),
		LongBiography:       openevent.HTML(s.LongBiography),
		SpeakingExperience:  openevent.HTML(s.SpeakingExperience),
		SponsorshipRequired: openevent.HTML(s.SponsorshipRequired),
		HeardFrom:           s.HeardFrom,
		Gender:              s.Gender,
		Mobile:              s.Mobile,
		Featured:            s.IsFeatured,
		Website:             s.Website,
		Twitter:             s.Twitter,
		Facebook:            s.Facebook,
		GitHub:              s.GitHub,
		LinkedIn:            s.LinkedIn,
		Sessions:            back(s.Sessions),
	}
}
