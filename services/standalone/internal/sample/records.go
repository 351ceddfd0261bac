package sample

// The records of the archive's files, with the keys in the order in which the
// format's exporters write them. A pointer is a value that may be null.

type event struct {
	ID                     int           `json:"id"`
	Name                   string        `json:"name"`
	Latitude               float64       `json:"latitude"`
	Longitude              float64       `json:"longitude"`
	LocationName           string        `json:"location_name"`
	StartTime              string        `json:"start_time"`
	EndTime                string        `json:"end_time"`
	Timezone               string        `json:"timezone"`
	Description            string        `json:"description"`
	BackgroundImage        string        `json:"background_image"`
	Logo                   string        `json:"logo"`
	OrganizerName          string        `json:"organizer_name"`
	OrganizerDescription   string        `json:"organizer_description"`
	EventURL               string        `json:"event_url"`
	SocialLinks            []socialLink  `json:"social_links"`
	TicketURL              string        `json:"ticket_url"`
	Privacy                string        `json:"privacy"`
	Type                   string        `json:"type"`
	Topic                  string        `json:"topic"`
	SubTopic               string        `json:"sub_topic"`
	CodeOfConduct          string        `json:"code_of_conduct"`
	Copyright              copyright     `json:"copyright"`
	CallForPapers          callForPapers `json:"call_for_papers"`
	Creator                creator       `json:"creator"`
	Email                  string        `json:"email"`
	HasSessionSpeakers     bool          `json:"has_session_speakers"`
	Identifier             string        `json:"identifier"`
	SchedulePublishedOn    string        `json:"schedule_published_on"`
	SearchableLocationName string        `json:"searchable_location_name"`
	State                  string        `json:"state"`
	Version                version       `json:"version"`
}

type socialLink struct {
	ID   int    `json:"id"`
	Link string `json:"link"`
	Name string `json:"name"`
}

type copyright struct {
	Holder     string `json:"holder"`
	HolderURL  string `json:"holder_url"`
	Licence    string `json:"licence"`
	LicenceURL string `json:"licence_url"`
	Logo       string `json:"logo"`
	Year       int    `json:"year"`
}

type callForPapers struct {
	Announcement string `json:"announcement"`
	EndDate      string `json:"end_date"`
	Privacy      string `json:"privacy"`
	StartDate    string `json:"start_date"`
	Timezone     string `json:"timezone"`
}

type creator struct {
	Email string `json:"email"`
}

type version struct {
	Event          int `json:"event_ver"`
	Microlocations int `json:"microlocations_ver"`
	Sessions       int `json:"sessions_ver"`
	Speakers       int `json:"speakers_ver"`
	Sponsors       int `json:"sponsors_ver"`
	Tracks         int `json:"tracks_ver"`
}

type meta struct {
	RootURL string `json:"root_url"`
}

// form holds two JSON documents as text; that is how the format has it.
type form struct {
	ID          int    `json:"id"`
	SessionForm string `json:"session_form"`
	SpeakerForm string `json:"speaker_form"`
}

type microlocation struct {
	ID        int     `json:"id"`
	Name      string  `json:"name"`
	Floor     int     `json:"floor"`
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
	Room      *string `json:"room"`
}

type sponsor struct {
	ID          int    `json:"id"`
	Name        string `json:"name"`
	Logo        string `json:"logo"`
	Level       string `json:"level"`
	SponsorType string `json:"sponsor_type"`
	URL         string `json:"url"`
	Description string `json:"description"`
}

type speaker struct {
	ID                  int          `json:"id"`
	Name                string       `json:"name"`
	Email               string       `json:"email"`
	Mobile              *string      `json:"mobile"`
	Photo               *string      `json:"photo"`
	Organisation        string       `json:"organisation"`
	Position            *string      `json:"position"`
	Country             string       `json:"country"`
	City                *string      `json:"city"`
	ShortBiography      string       `json:"short_biography"`
	LongBiography       string       `json:"long_biography"`
	SpeakingExperience  *string      `json:"speaking_experience"`
	SponsorshipRequired *string      `json:"sponsorship_required"`
	Website             *string      `json:"website"`
	Twitter             *string      `json:"twitter"`
	Facebook            *string      `json:"facebook"`
	Github              *string      `json:"github"`
	Linkedin            *string      `json:"linkedin"`
	Featured            bool         `json:"featured"`
	Sessions            []sessionRef `json:"sessions"`
}

type track struct {
	ID            int          `json:"id"`
	Name          string       `json:"name"`
	Color         string       `json:"color"`
	Description   string       `json:"description"`
	Location      *string      `json:"location"`
	TrackImageURL string       `json:"track_image_url"`
	Sessions      []sessionRef `json:"sessions"`
}

type sessionType struct {
	ID     int    `json:"id"`
	Name   string `json:"name"`
	Length string `json:"length"`
}

type session struct {
	ID            int          `json:"id"`
	Title         string       `json:"title"`
	Subtitle      *string      `json:"subtitle"`
	ShortAbstract string       `json:"short_abstract"`
	LongAbstract  string       `json:"long_abstract"`
	StartTime     string       `json:"start_time"`
	EndTime       string       `json:"end_time"`
	SessionType   sessionType  `json:"session_type"`
	Track         ref          `json:"track"`
	Comments      string       `json:"comments"`
	Language      string       `json:"language"`
	Level         *string      `json:"level"`
	Slides        *string      `json:"slides"`
	Audio         *string      `json:"audio"`
	Video         *string      `json:"video"`
	Microlocation ref          `json:"microlocation"`
	SignupURL     *string      `json:"signup_url"`
	Speakers      []speakerRef `json:"speakers"`
	State         string       `json:"state"`
}

type ref struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

type speakerRef struct {
	ID           int    `json:"id"`
	Name         string `json:"name"`
	Organisation string `json:"organisation"`
}

type sessionRef struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
}
