package help

import (
	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
)

// fileWords are the files of the format in the words of organizers, in the
// order in which they are read.
var fileWords = []struct {
	name, title string
	entity      contracts.EntityType
	about       string
}{
	{
		openevent.Events.Name, "The event", openevent.Events.Type,
		"Name, time and place, links and pictures. This file holds one object in { }, all others hold a list in [ ].",
	},
	{
		openevent.Forms.Name, "Forms", openevent.Forms.Type,
		"Which fields the forms for proposing a session and a speaker have, and which of them have to be filled in.",
	},
	{
		openevent.Microlocations.Name, "Rooms", openevent.Microlocations.Type,
		"Where sessions take place: rooms, stages, halls.",
	},
	{
		openevent.Sponsors.Name, "Sponsors", openevent.Sponsors.Type,
		"Who supports the event, with logo and level.",
	},
	{
		openevent.Speakers.Name, "Speakers", openevent.Speakers.Type,
		"The people who give sessions. E-mail addresses and phone numbers are shown to the event's owner only.",
	},
	{
		openevent.Tracks.Name, "Tracks", openevent.Tracks.Type,
		"The subjects that sessions are sorted by, each with a colour.",
	},
	{
		openevent.SessionTypes.Name, "Types of sessions", openevent.SessionTypes.Type,
		"Talk, workshop, panel and the like, and how long each takes.",
	},
	{
		openevent.Sessions.Name, "Sessions", openevent.Sessions.Type,
		"The programme. A session names its speakers, track, room and type by their ids.",
	},
}

// kindWords say how the value of a field is written.
var kindWords = map[openevent.Kind]string{
	openevent.KindText:       "text",
	openevent.KindHTML:       "text, also with simple HTML",
	openevent.KindURL:        "address of the web",
	openevent.KindEmail:      "e-mail address",
	openevent.KindEnum:       "text, usually one of a list",
	openevent.KindUpload:     "file of the archive, or address of the web",
	openevent.KindColor:      "colour",
	openevent.KindZone:       "time zone",
	openevent.KindLength:     "length of time",
	openevent.KindID:         "number or text, once in its file",
	openevent.KindState:      "state of a session",
	openevent.KindEventState: "draft, published or completed",
	openevent.KindPrivacy:    "public or private",
	openevent.KindLanguage:   "language",
	openevent.KindIdentifier: "letters, digits, hyphens, underscores",
	openevent.KindNumber:     "number",
	openevent.KindInteger:    "whole number",
	openevent.KindBoolean:    "true or false",
	openevent.KindTime:       "date and time",
	openevent.KindRef:        "the record that is meant, by its id",
	openevent.KindRefs:       "list of records, by their ids",
	openevent.KindObject:     "object with the fields below",
	openevent.KindList:       "list of objects with the fields below",
	openevent.KindForm:       "description of a form",
	openevent.KindBack:       "compared with what the sessions say, and not imported",
	openevent.KindDeleted:    "date and time; a record that has it is left out",
	openevent.KindDropped:    "known, but not imported",
}

// severityWords are those of the page of an import.
var severityWords = map[contracts.Severity]string{
	contracts.Error:   "Error",
	contracts.Warning: "Warning",
	contracts.Info:    "Note",
}
