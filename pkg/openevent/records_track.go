package openevent

// Track is one record of the file "tracks".
type Track struct {
	ID   string `oe:"id,id"`
	Name string `oe:"name,required"`
	// Color is a CSS colour as found, or "" where it was none.
	Color       string `oe:"color,color,wanted"`
	Description HTML   `oe:"description"`
	Location    string `oe:"location"`
	TrackImage  string `oe:"track_image_url,upload"`

	// Sessions are as in Speaker.
	Sessions []Ref `oe:"sessions,back"`

	// The font colour is computed from Color.
	_ struct{} `oe:"font_color,dropped"`
	_ struct{} `oe:"deleted_at,deleted"`
}

// Media returns the track's uploads that are not empty.
func (t Track) Media() []MediaRef { return mediaRefs(MediaRef{"track_image_url", Image, t.TrackImage}) }
