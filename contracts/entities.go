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

// Remapped tells whether records of an archive refer to entities of this type by the
// id that these have in it. Their maker keeps what the ids became.
func (t EntityType) Remapped() bool {
	switch t {
	case Events, Sponsors, Speakers, Microlocations, Tracks, SessionTypes, Sessions:
		return true
	default:
		return false
	}
}

// Needs lists the entity types of other stages that the records of this one refer to.
func (s Stage) Needs() []EntityType {
	switch s {
	case Schedule:
		return []EntityType{Speakers}
	case Media:
		return []EntityType{Events, Sponsors, Speakers, Tracks, Sessions}
	default:
		return nil
	}
}
