package openevent

import "github.com/usher-events/usher/contracts"

// File describes one data file of an archive, whose records are of type T.
// The package's variables are all there are.
type File[T any] struct {
	// Name is the entry's name at the root of the archive.
	Name string
	// Type is what a record of the file becomes.
	Type contracts.EntityType
	// Single tells that the file holds one object, not a list of them.
	Single bool

	schema *schema
	// target tells that other files refer to the records by their ids, inside in
	// which field sessions do so that they may hold copies.
	target bool
	inside string
}

// The data files, in the order in which they are read: everything before what
// refers to it.
var (
	Events         = File[Event]{Name: "event", Type: contracts.Events, Single: true, schema: schemaOf[Event]()}
	Forms          = File[Form]{Name: "forms", Type: contracts.CustomForms, schema: schemaOf[Form]()}
	Microlocations = File[Microlocation]{Name: "microlocations", Type: contracts.Microlocations, schema: schemaOf[Microlocation](), target: true, inside: "microlocation"}
	Sponsors       = File[Sponsor]{Name: "sponsors", Type: contracts.Sponsors, schema: schemaOf[Sponsor]()}
	Speakers       = File[Speaker]{Name: "speakers", Type: contracts.Speakers, schema: schemaOf[Speaker](), target: true}
	Tracks         = File[Track]{Name: "tracks", Type: contracts.Tracks, schema: schemaOf[Track](), target: true, inside: "track"}
	SessionTypes   = File[SessionType]{Name: "session_types", Type: contracts.SessionTypes, schema: schemaOf[SessionType](), target: true, inside: "session_type"}
	Sessions       = File[Session]{Name: "sessions", Type: contracts.Sessions, schema: schemaOf[Session]()}
)

// Fields returns the fields of an entity type's record, in the order of its
// struct; nil for a type that has no file of its own.
func Fields(t contracts.EntityType) []Field {
	switch t {
	case Events.Type:
		return Events.schema.list()
	case Forms.Type:
		return Forms.schema.list()
	case Microlocations.Type:
		return Microlocations.schema.list()
	case Sponsors.Type:
		return Sponsors.schema.list()
	case Speakers.Type:
		return Speakers.schema.list()
	case Tracks.Type:
		return Tracks.schema.list()
	case SessionTypes.Type:
		return SessionTypes.schema.list()
	case Sessions.Type:
		return Sessions.schema.list()
	default:
		return nil
	}
}
