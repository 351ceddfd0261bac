package contracts

// EntityType names what an import makes, as the API's paths spell it. It keys
// counts, totals and remaps.
type EntityType string

// The entity types of an event archive, in the order in which they are made.
const (
	Events          EntityType = "events"
	SocialLinks     EntityType = "social-links"
	CustomForms     EntityType = "custom-forms"
	Sponsors        EntityType = "sponsors"
	Speakers        EntityType = "speakers"
	Microlocations  EntityType = "microlocations"
	Tracks          EntityType = "tracks"
	SessionTypes    EntityType = "session-types"
	Sessions        EntityType = "sessions"
	SessionSpeakers EntityType = "session-speakers"
	MediaFiles      EntityType = "media"
)

// Users are what a list of users makes.
const Users EntityType = "users"

// EntityTypes lists every entity type in the order in which a pipeline makes
// them, which is also the order in which a person wants to see them.
func EntityTypes() []EntityType {
	return []EntityType{
		Events, SocialLinks, CustomForms, Sponsors, Speakers,
		Microlocations, Tracks, SessionTypes, Sessions, SessionSpeakers, MediaFiles,
		Users,
	}
}

// Maker returns the stage that makes entities of this type. Its Postgres
// schema bears the stage's name.
func (t EntityType) Maker() Stage {
	switch t {
	case Events, SocialLinks, CustomForms:
		return Event
	case Sponsors, Speakers, Users:
		return People
	case MediaFiles:
		return Media
	default:
		return Schedule
	}
}
