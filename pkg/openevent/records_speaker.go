package openevent

// Speaker is one record of the file "speakers". E-mail, organisation and
// country are not required: public archives leave them out.
type Speaker struct {
	ID                  string `oe:"id,id"`
	Name                string `oe:"name,required"`
	Email               string `oe:"email,email"`
	Organisation        string `oe:"organisation"`
	Country             string `oe:"country"`
	Position            string `oe:"position"`
	City                string `oe:"city"`
	Photo               string `oe:"photo,upload"`
	Thumbnail           string `oe:"thumbnail,upload"`
	Small               string `oe:"small,upload"`
	Icon                string `oe:"icon,upload"`
	ShortBiography      HTML   `oe:"short_biography"`
	LongBiography       HTML   `oe:"long_biography"`
	SpeakingExperience  HTML   `oe:"speaking_experience"`
	SponsorshipRequired HTML   `oe:"sponsorship_required"`
	HeardFrom           string `oe:"heard_from"`
	Gender              string `oe:"gender"`
	Mobile              string `oe:"mobile"`
	Featured            *bool  `oe:"featured"`
	Website             string `oe:"website,url"`
	// Twitter, Facebook, GitHub and LinkedIn are names or addresses, as found.
	Twitter  string `oe:"twitter"`
	Facebook string `oe:"facebook"`
	GitHub   string `oe:"github"`
	LinkedIn string `oe:"linkedin"`

	// Sessions are written for programs that show a speaker's sessions. Reading leaves
	// them out: the session side of this relation is the one that counts.
	Sessions []Ref `oe:"sessions,back"`

	_ struct{} `oe:"deleted_at,deleted"`
}

// Media returns the speaker's uploads that are not empty.
func (s Speaker) Media() []MediaRef {
	return mediaRefs(
		MediaRef{"photo", Image, s.Photo},
		MediaRef{"thumbnail", Image, s.Thumbnail},
		MediaRef{"small", Image, s.Small},
		MediaRef{"icon", Image, s.Icon},
	)
}
