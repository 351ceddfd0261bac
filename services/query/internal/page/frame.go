package page

import (
	"fmt"
	"html/template"
	"strings"

	"github.com/usher-events/usher/contracts"
)

// summary is how many characters a page says of itself to those who link to it.
const summary = 200

// frame is what every page of an event has around what it shows.
type frame struct {
	// Title, Description, Address and Image are for those who show a link to the
	// page; the last two begin with https:// or http://.
	Title, Description, Address, Image string
	// Event is the event's name, Home the path of its page.
	Event, Home string
	// Zone is the event's, by its name in the database of zones.
	Zone  string
	Draft bool
	// Owned tells that who looks may do something to the event.
	Owned bool
	// Sheet is the style of this very page.
	Sheet template.CSS

	pictures pictures
	public   string
}

func (f *frame) framed() *frame { return f }

// frame begins a page: as long as nothing else is said it is the event's own.
func (p Pages) frame(a about) frame {
	f := frame{
		Title:       a.event.Name,
		Description: plain(a.event.Description, summary),
		Event:       a.event.Name,
		Home:        "/e/" + a.event.Identifier,
		Zone:        zoneOf(a.event.Timezone).String(),
		Draft:       a.event.State != "published",
		pictures:    a.pictures(),
		public:      strings.TrimRight(p.API.PublicURL, "/"),
	}
	f.Address = f.public + f.Home
	f.picture(f.pictures.of(contracts.Events, 0, "background_image", a.event.OriginalImageURL, "large"),
		f.pictures.of(contracts.Events, 0, "logo", a.event.LogoURL, "large"))
	return f
}

// below makes it the page of something of the event.
func (f *frame) below(path, title, description string) {
	f.Title = title + " – " + f.Event
	f.Description = description
	f.Address = f.public + path
}

// picture takes the first address that is one for the page's picture.
func (f *frame) picture(addresses ...string) {
	for _, address := range addresses {
		if strings.HasPrefix(address, "/") {
			address = f.public + address
		}
		if address != "" {
			f.Image = address
			return
		}
	}
}

// SessionPath is where the page of a session is.
func (f *frame) SessionPath(id int64) string { return fmt.Sprintf("%s/sessions/%d", f.Home, id) }

// SpeakerPath is where the page of a speaker is.
func (f *frame) SpeakerPath(id int64) string { return fmt.Sprintf("%s/speakers/%d", f.Home, id) }
