package openevent

// Session is one record of the file "sessions".
type Session struct {
	ID string `oe:"id,id"`
	// Title may be empty, with a warning.
	Title         string `oe:"title,wanted"`
	Subtitle      HTML   `oe:"subtitle"`
	Level         HTML   `oe:"level"`
	Comments      HTML   `oe:"comments"`
	ShortAbstract HTML   `oe:"short_abstract"`
	LongAbstract  HTML   `oe:"long_abstract"`
	// StartTime and EndTime are in the event's time zone where they have no offset.
	StartTime     Time   `oe:"start_time,wanted"`
	EndTime       Time   `oe:"end_time,wanted"`
	Track         Ref    `oe:"track"`
	Microlocation Ref    `oe:"microlocation"`
	SessionType   Ref    `oe:"session_type"`
	Speakers      []Ref  `oe:"speakers"`
	Language      string `oe:"language,language"`
	Slides        string `oe:"slides,upload"`
	Audio         string `oe:"audio,upload"`
	Video         string `oe:"video,upload"`
	SignupURL     string `oe:"signup_url,url"`
	State         string `oe:"state,state"`

	// Samples give each session a zone that contradicts its times.
	_ struct{} `oe:"timezone,dropped"`
	_ struct{} `oe:"deleted_at,deleted"`
}

// Media returns the session's uploads that are not empty.
func (s Session) Media() []MediaRef {
	return mediaRefs(
		MediaRef{"slides", Slides, s.Slides},
		MediaRef{"audio", Audio, s.Audio},
		MediaRef{"video", Video, s.Video},
	)
}
