package openevent

// Sponsor is one record of the file "sponsors".
type Sponsor struct {
	ID          string `oe:"id,id"`
	Name        string `oe:"name,required"`
	URL         string `oe:"url,url"`
	Logo        string `oe:"logo,upload"`
	Description HTML   `oe:"description"`
	// Level is a text, although most archives write a number.
	Level       string `oe:"level"`
	SponsorType string `oe:"sponsor_type"`

	_ struct{} `oe:"deleted_at,deleted"`
}

// Media returns the sponsor's uploads that are not empty.
func (s Sponsor) Media() []MediaRef { return mediaRefs(MediaRef{"logo", Image, s.Logo}) }
