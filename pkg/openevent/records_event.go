package openevent

// Event is the event's core, the one object of the file "event".
type Event struct {
	ID string `oe:"id,id"`
	// Identifier is the event's public short name, fit to be part of an address.
	Identifier string `oe:"identifier,identifier"`
	Name       string `oe:"name,required"`
	StartTime  Time   `oe:"start_time,required"`
	EndTime    Time   `oe:"end_time,required,spared"`
	// Timezone is a valid IANA name: "UTC" where the archive has none or one
	// that is not known (which is a warning).
	Timezone               string       `oe:"timezone,zone,default=UTC"`
	Latitude               *float64     `oe:"latitude"`
	Longitude              *float64     `oe:"longitude"`
	LocationName           string       `oe:"location_name"`
	SearchableLocationName string       `oe:"searchable_location_name"`
	Description            HTML         `oe:"description"`
	OrganizerName          string       `oe:"organizer_name"`
	OrganizerDescription   HTML         `oe:"organizer_description"`
	CodeOfConduct          HTML         `oe:"code_of_conduct"`
	Logo                   string       `oe:"logo,upload"`
	BackgroundImage        string       `oe:"background_image,upload"`
	Large                  string       `oe:"large,upload"`
	Thumbnail              string       `oe:"thumbnail,upload"`
	Icon                   string       `oe:"icon,upload"`
	EventURL               string       `oe:"event_url,url"`
	TicketURL              string       `oe:"ticket_url,url"`
	Email                  string       `oe:"email,email"`
	State                  string       `oe:"state,event_state"`
	Privacy                string       `oe:"privacy,privacy"`
	Type                   string       `oe:"type,enum"`
	Topic                  string       `oe:"topic,enum"`
	SubTopic               string       `oe:"sub_topic,enum"`
	SchedulePublishedOn    Time         `oe:"schedule_published_on"`
	HasSessionSpeakers     *bool        `oe:"has_session_speakers"`
	SocialLinks            []SocialLink `oe:"social_links"`
	// Copyright, CallForPapers and Version are nil where the archive has none.
	// The first server has trouble with a null in the place of an object, except for the call.
	Copyright     *Copyright     `oe:"copyright,sparse"`
	CallForPapers *CallForPapers `oe:"call_for_papers"`
	Version       *Version       `oe:"version,sparse"`

	_ struct{} `oe:"creator,dropped"`
	_ struct{} `oe:"licence_details,dropped"`
	_ struct{} `oe:"placeholder_url,dropped"`
}

// SocialLink is one entry of an event's social links.
type SocialLink struct {
	ID   string `oe:"id,id"`
	Name string `oe:"name"`
	Link string `oe:"link,url"`
}

// Copyright is an event's licence.
type Copyright struct {
	Holder     string `oe:"holder"`
	HolderURL  string `oe:"holder_url,url"`
	Licence    string `oe:"licence"`
	LicenceURL string `oe:"licence_url,url"`
	Year       *int64 `oe:"year"`
	// Logo is the licence's badge; it is not imported as media.
	Logo string `oe:"logo,url"`
}

// CallForPapers is an event's call for speakers.
type CallForPapers struct {
	Announcement HTML `oe:"announcement"`
	// StartDate and EndDate are in Timezone where they have no offset.
	StartDate Time `oe:"start_date"`
	EndDate   Time `oe:"end_date"`
	// Timezone is a valid IANA name, or "" where the event's holds.
	Timezone string `oe:"timezone,zone"`
	Privacy  string `oe:"privacy,privacy"`
}

// Version counts the changes of an event's parts on the server it comes from.
type Version struct {
	Event          *int64 `oe:"event_ver"`
	Sessions       *int64 `oe:"sessions_ver"`
	Speakers       *int64 `oe:"speakers_ver"`
	Tracks         *int64 `oe:"tracks_ver"`
	Sponsors       *int64 `oe:"sponsors_ver"`
	Microlocations *int64 `oe:"microlocations_ver"`
}

// Media returns the event's uploads that are not empty.
func (e Event) Media() []MediaRef {
	return mediaRefs(
		MediaRef{"logo", Image, e.Logo},
		MediaRef{"background_image", Image, e.BackgroundImage},
		MediaRef{"large", Image, e.Large},
		MediaRef{"thumbnail", Image, e.Thumbnail},
		MediaRef{"icon", Image, e.Icon},
	)
}
