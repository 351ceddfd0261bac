package page

import (
	"fmt"
	"slices"

	"github.com/usher-events/usher/contracts"
)

// pictures are the addresses of an event's own pictures.
type pictures struct {
	event string
	byRef map[pictureRef]mediaRow
}

// pictureRef is a field of a record. The event's own record has the id 0 here:
// there is one of it.
type pictureRef struct {
	owner contracts.EntityType
	id    int64
	field string
}

func (a about) pictures() pictures {
	p := pictures{event: a.event.Identifier, byRef: make(map[pictureRef]mediaRow)}
	for _, m := range a.media {
		ref := pictureRef{contracts.EntityType(m.OwnerType), m.OwnerID, m.Field}
		if ref.owner == contracts.Events {
			ref.id = 0
		}
		p.byRef[ref] = m
	}
	return p
}

// of is where the picture is that a field names: a file of the archive, in the
// variant that fits, or one elsewhere; empty where there is none.
func (p pictures) of(owner contracts.EntityType, id int64, field, value, variant string) string {
	m, ok := p.byRef[pictureRef{owner, id, field}]
	if !ok {
		return loadable(value)
	}
	if !slices.Contains([]string{"image/jpeg", "image/png", "image/gif", "image/webp"}, m.ContentType) {
		variant = "original" // such as an SVG, which fits anywhere
	}
	return fmt.Sprintf("/v1/events/%s/media/%d/%s", p.event, m.ID, variant)
}
