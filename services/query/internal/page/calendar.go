package page

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/services/query/internal/api"
)

// abstractInCalendar is how many characters of an abstract go into a calendar;
// all of it is on the session's page, which the entry leads to.
const abstractInCalendar = 2000

// Calendar answers with the schedule as a calendar (RFC 5545), for programs that
// take a copy of it, or ask for it again and again.
func (p Pages) Calendar(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	seen, err := p.API.See(r.Context(), who, r.PathValue("identifier"))
	if err != nil {
		return err
	}
	found, revised, err := p.readCalendar(r.Context(), seen)
	if err != nil {
		return fmt.Errorf("calendar: %w", err)
	}
	content := calendar(found, p.frame(found.about), revised)
	sum := sha256.Sum256(content)
	keep(w, who)
	header := w.Header()
	if who != (auth.Identity{}) {
		header.Set("Cache-Control", "private, no-cache")
	}
	// A weak one: the same calendar goes out compressed and as it is.
	header.Set("ETag", `W/"`+hex.EncodeToString(sum[:16])+`"`)
	header.Set("Content-Type", "text/calendar; charset=utf-8")
	header.Set("Content-Disposition", `inline; filename="`+found.event.Identifier+`.ics"`)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Add("Vary", "Authorization, Cookie")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	return nil
}

// readCalendar reads the sessions of an event, and when its import has ended: no
// session is older or newer than that.
func (p Pages) readCalendar(ctx context.Context, seen api.Seen) (eventRows, time.Time, error) {
	var found eventRows
	var revised time.Time
	wanted := append([]want{ofEvent(&found.event)}, found.places()...)
	if err := p.read(ctx, seen, append(wanted,
		want{view: "schedule.api_sessions", order: inOrder, columns: sessionOnPage, into: &found.sessions},
		want{view: "people.api_speakers", order: "id", columns: []string{"id", "name"}, into: &found.speakers},
		found.talksOf(nil))...); err != nil {
		return found, revised, err
	}
	err := p.API.DB.NewSelect().Table("query.imports").Column("finished_at").Where("id = ?", found.event.ImportID).Scan(ctx, &revised)
	return found, revised, err
}

// calendar writes the sessions that have a time. Times are in UTC, which every
// program shows in the zone of who looks.
func calendar(r eventRows, f frame, revised time.Time) []byte {
	c := ics.NewCalendar()
	c.SetProductId("-//Usher//Schedule//EN")
	c.SetCalscale("GREGORIAN")
	c.SetName(line(f.Event))
	c.SetXWRCalName(line(f.Event))
	c.SetUrl(f.Address)
	c.SetXWRTimezone(f.Zone)
	// The id of an import is one of its own for ever, and those of its sessions
	// stay over all attempts.
	space, err := uuid.Parse(r.event.ImportID)
	if err != nil {
		space = uuid.NewSHA1(uuid.NameSpaceURL, []byte(f.Address))
	}
	p := newProgramme(&f, r.about, r.plan)
	timed, _ := apart(r.sessions)
	for _, row := range timed {
		s := p.session(row)
		e := c.AddEvent(uuid.NewSHA1(space, fmt.Appendf(nil, "sessions/%d", row.ID)).String())
		e.SetDtStampTime(revised)
		e.SetStartAt(row.StartsAt)
		if row.EndsAt.After(row.StartsAt) {
			e.SetEndAt(row.EndsAt)
		}
		e.SetSummary(line(row.Title))
		if s.Room != "" {
			e.SetLocation(line(s.Room))
		}
		if s.Track != nil {
			e.AddCategory(line(s.Track.Name))
		}
		e.SetURL(f.public + s.Path)
		about := []string{line(s.By), plain(cmp.Or(row.ShortAbstract, row.LongAbstract), abstractInCalendar)}
		if text := strings.Join(distinct(about...), "\n\n"); text != "" {
			e.SetDescription(text)
		}
	}
	return []byte(c.Serialize(ics.WithNewLineWindows))
}

// line is a text without what would end a line of the calendar or is no text at all.
func line(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
