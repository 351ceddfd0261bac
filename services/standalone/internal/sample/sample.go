// Package sample makes up Open Event archives: believable events of any size,
// with rooms, sponsors, speakers, a schedule, pictures and a few documents, in
// the oldest and most common key style of the format (snake_case, local times
// without an offset). The command "usher sample" writes one, and so do the
// demonstration and every test that needs an archive larger than a fixture.
//
// Nobody in such an archive exists: names come from lists of several scripts,
// and every address lies under the reserved top-level domain .example.
//
// A record is computed from the seed and its own number alone, never from the
// records before it. That is what lets a million sessions be written in
// constant memory, and lets a speaker's record name sessions that are not
// written yet.
package sample

import (
	"errors"
	"fmt"
	"io"
)

// The largest archive that Write makes.
const (
	MaxSessions = 1_000_000
	MaxSpeakers = 1_000_000
)

// Config says which archive to make. Equal configs give equal bytes, as long
// as the same build of the program writes them.
type Config struct {
	// Sessions is how many sessions the event has, from 1 to MaxSessions. The
	// numbers of days, rooms, tracks and sponsors follow from it.
	Sessions int
	// Speakers is how many speakers it has, from 0 to MaxSpeakers.
	Speakers int
	// Seed decides everything else; zero is as good as any other.
	Seed uint64
	// Media says which files the records name and the archive holds.
	Media Media
}

// Media is a choice of files.
type Media int

// The choices. The zero value shows every kind of file in little space.
const (
	// EveryKind is small pictures, slides and sounds.
	EveryKind Media = iota
	// Photographs is pictures alone, those of speakers as large as people upload them.
	Photographs
	// NoMedia is none.
	NoMedia
)

// Validate reports everything that is wrong with the config, joined.
func (c Config) Validate() error {
	var errs []error
	if c.Sessions < 1 || c.Sessions > MaxSessions {
		errs = append(errs, fmt.Errorf("sessions: %d is not between 1 and %d", c.Sessions, MaxSessions))
	}
	if c.Speakers < 0 || c.Speakers > MaxSpeakers {
		errs = append(errs, fmt.Errorf("speakers: %d is not between 0 and %d", c.Speakers, MaxSpeakers))
	}
	return errors.Join(errs...)
}

// Write makes an archive and writes it to w as it goes. It holds one record at
// a time. An error of w, or of the config, ends it; what was written by then is
// not a whole archive.
func Write(w io.Writer, c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	p := newPlan(c)
	a := newArchive(w)

	a.object("event", p.event())
	a.object("meta", meta{RootURL: "https://open-event.example/"})
	list(a, "forms", 1, p.form)
	list(a, "microlocations", p.rooms, p.room)
	list(a, "sponsors", p.sponsors, p.sponsor)
	list(a, "speakers", c.Speakers, p.speaker)
	list(a, "tracks", p.tracks, p.track)
	list(a, "session_types", len(formats), p.sessionType)
	list(a, "sessions", c.Sessions, p.session)
	p.writeMedia(a)
	return a.close()
}
