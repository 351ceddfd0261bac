// Package visibility says who may see what of an event. All that shows events
// asks here, so that it is said once.
//
// An event is there once its import has succeeded: for its owner and for
// administrators at once and with all that belongs to it, for everybody else
// when it is published, and then without what was not accepted and without the
// ways to reach speakers in private.
package visibility

import (
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
)

// Published is the state of the events that everybody may see.
const Published = "published"

// These conditions hold for the rows, called r in the query, that everybody may
// see of a published event; ?0 in them is the id of its import. Other kinds of
// rows have no condition: all of them are shown.
//
// A speaker is shown with one session that is, or without any session at all:
// only who has been refused is hidden. A file follows what it belongs to, and
// one whose owner is not known could belong to something hidden.
//
// What is hidden in an event is found once per query and not once per row: its
// subqueries do not depend on r, which lets PostgreSQL hash what they give.
const (
	Sessions = "r.import_id = ?0 AND lower(r.state) IN " + accepted

	Speakers = "r.id NOT IN " + refused

	Media = "CASE r.owner_type" +
		" WHEN 'sessions' THEN r.owner_id IN (SELECT s.id FROM schedule.api_sessions AS s" +
		" WHERE s.import_id = ?0 AND lower(s.state) IN " + accepted + ")" +
		" WHEN 'speakers' THEN r.owner_id NOT IN " + refused +
		" ELSE TRUE END"

	accepted = "('accepted', 'confirmed')"

	// refused are the speakers all of whose sessions are hidden.
	refused = "(SELECT p.speaker_id FROM schedule.api_session_speakers AS p" +
		" JOIN schedule.api_sessions AS s ON s.id = p.session_id WHERE p.import_id = ?0" +
		" GROUP BY p.speaker_id HAVING NOT coalesce(bool_or(lower(s.state) IN " + accepted + "), FALSE))"
)

// Events narrows a query of event.api_events, called r in it, to the events that
// who may see. Their imports join it as i.
//
// Whether an import has succeeded is read from the very row that its task
// document is made of. So an event appears at the moment when its task says
// SUCCESS, and not at all before.
//
// A replay makes anew only what is from its stage on, so the event's row may be
// of an earlier attempt than the import; one of a later attempt is not done yet.
func Events(query *bun.SelectQuery, who auth.Identity) *bun.SelectQuery {
	query.Join("JOIN query.imports AS i ON i.id = r.import_id AND i.event_id = r.id AND i.attempt >= r.attempt").
		Where("i.state = ?", contracts.Success)
	switch {
	case who.Admin:
	case who == (auth.Identity{}):
		query.Where("r.state = ?", Published)
	default:
		query.Where("(r.state = ? OR r.owner_iss = ? AND r.owner_sub = ?)", Published, who.Issuer, who.Subject)
	}
	return query
}

// Whole tells whether who may see all that belongs to an event of that owner.
func Whole(who auth.Identity, ownerIssuer, ownerSubject string) bool {
	if who == (auth.Identity{}) {
		return false
	}
	return who.Admin || who.Issuer == ownerIssuer && who.Subject == ownerSubject
}
