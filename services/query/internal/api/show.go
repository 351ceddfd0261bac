package api

import (
	"strconv"
	"time"

	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// show makes the resources of all rows.
func (b batch) show(want ask, found shelf) []jsonapi.Resource {
	shown := make([]jsonapi.Resource, len(b.rows))
	for i, r := range b.rows {
		shown[i] = b.showOne(r, want, found)
	}
	return shown
}

func (b batch) showOne(r row, want ask, found shelf) jsonapi.Resource {
	res := b.res
	self := "/v1/events/" + number(r.scope.event)
	if res.name != events.name {
		self += "/" + res.path + "/" + number(r.id)
	}
	shown := jsonapi.Resource{Type: res.name, ID: number(r.id), Links: &jsonapi.ResourceLinks{Self: self}}
	if res.name == media && res.value(r, "state") == stored {
		shown.Links.Enclosure = found.bytes(r.scope, r.id, original)
	}
	attributes := make(map[string]any, len(res.attributes))
	for i, attribute := range res.attributes {
		switch {
		case attribute.private && !r.scope.whole, !want.shows(res, attribute.name()):
		case attribute.file != nil:
			attributes[attribute.name()] = found.address(res, r, attribute)
		default:
			attributes[attribute.name()] = attribute.kind.show(r.values[i], r.scope.zone)
		}
	}
	shown.Attributes = attributes

	relationships := make(map[string]jsonapi.Relationship)
	related := func(name string, data any) {
		if want.shows(res, name) {
			relationships[name] = jsonapi.Relationship{Links: &jsonapi.RelationshipLinks{Related: self + "/" + name}, Data: data}
		}
	}
	for i, relationship := range res.one {
		var other *jsonapi.Identifier
		if id, ok := r.values[len(res.attributes)+i].(int64); ok {
			other = &jsonapi.Identifier{Type: relationship.name, ID: number(id)}
		}
		related(relationship.name, other)
	}
	for _, relationship := range res.many {
		pairs, told := b.others[relationship.name]
		if !told {
			related(relationship.name, nil)
			continue
		}
		others := []jsonapi.Identifier{}
		for _, id := range pairs[r.id] {
			others = append(others, jsonapi.Identifier{Type: relationship.leads, ID: number(id)})
		}
		related(relationship.name, others)
	}
	if len(relationships) > 0 {
		shown.Relationships = relationships
	}
	return shown
}

func (k kind) show(value any, zone *time.Location) any {
	switch v := value.(type) {
	case time.Time:
		// In the zone of the event: it takes place there, and whoever shows its
		// times needs no table of zones to say what a clock on the wall says.
		return v.In(zone).Format(time.RFC3339Nano)
	case int64:
		if k == reference {
			return number(v)
		}
	}
	return value
}

// number writes an id.
func number(id int64) string { return strconv.FormatInt(id, 10) }
