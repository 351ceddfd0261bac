package api

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// Seen is an event as somebody sees it.
type Seen struct {
	ID       int64  `bun:"id"`
	ImportID string `bun:"import_id"`
	// Attempt is that of the import; rows of a later one are not done yet.
	Attempt int `bun:"attempt"`
	// Whole tells that who asked sees all of it: the owner and administrators.
	// Others do not see what Rows leaves out.
	Whole bool `bun:"whole"`
}

// See returns the event of a path, by its id or its identifier, as who sees it.
// The error is the problem not_found where there is none for who.
func (a API) See(ctx context.Context, who auth.Identity, key string) (Seen, error) {
	event, err := a.find(ctx, who, key)
	if err != nil {
		return Seen{}, err
	}
	var seen Seen
	err = a.DB.NewSelect().TableExpr("event.api_events AS e").
		Join("JOIN query.imports AS i ON i.id = e.import_id").
		ColumnExpr("e.id, e.import_id, i.attempt").
		ColumnExpr("? OR e.owner_iss = ? AND e.owner_sub = ? AS whole", who.Admin, who.Issuer, who.Subject).
		Where("e.id = ? AND i.state = ?", event.id, contracts.Success).
		Scan(ctx, &seen)
	if errors.Is(err, sql.ErrNoRows) { // it went away just now
		return Seen{}, jsonapi.NotFound()
	}
	if err != nil {
		return Seen{}, fmt.Errorf("event %d: %w", event.id, err)
	}
	return seen, nil
}

// The views of which not everybody sees every row.
const (
	sessionsView = "schedule.api_sessions"
	speakersView = "people.api_speakers"
	mediaView    = "media.api_media"
)

// Rows chooses the rows of a view that belong to an event and that are seen; the
// view is called r in the query. To others than its owner a session is there
// once it is accepted, a speaker unless all their sessions are hidden, and a
// file with the session or speaker that it belongs to.
func (a API) Rows(seen Seen, view string) *bun.SelectQuery {
	query := a.DB.NewSelect().TableExpr("? AS r", bun.Ident(view)).
		Where("r.import_id = ? AND r.attempt <= ?", seen.ImportID, seen.Attempt)
	if seen.Whole {
		return query
	}
	switch view {
	case sessionsView:
		query.Where(shownSession("r"))
	case speakersView:
		query.Where(shownSpeaker("r"))
	case mediaView:
		query.Where(`CASE r.owner_type
			WHEN ? THEN EXISTS (SELECT FROM schedule.api_sessions AS o WHERE o.id = r.owner_id AND o.import_id = r.import_id AND `+shownSession("o")+`)
			WHEN ? THEN EXISTS (SELECT FROM people.api_speakers AS o WHERE o.id = r.owner_id AND o.import_id = r.import_id AND `+shownSpeaker("o")+`)
			ELSE true END`, contracts.Sessions, contracts.Speakers)
	}
	return query
}

// shownSession is the condition that a session, of that name in the query, is
// for everybody.
func shownSession(name string) string { return name + `.state IN ('accepted', 'confirmed')` }

// shownSpeaker is the condition that a speaker, of that name in the query, is
// for everybody.
func shownSpeaker(name string) string {
	sessions := `SELECT FROM schedule.api_session_speakers AS ss JOIN schedule.api_sessions AS s ON s.id = ss.session_id
		WHERE ss.speaker_id = ` + name + `.id AND ss.import_id = ` + name + `.import_id`
	return `(EXISTS (` + sessions + ` AND ` + shownSession("s") + `) OR NOT EXISTS (` + sessions + `))`
}

// Media is a stored file of an event.
type Media struct {
	ID          int64  `bun:"id"`
	ImportID    string `bun:"import_id"`
	OwnerType   string `bun:"owner_type"`
	Kind        string `bun:"kind"`
	Path        string `bun:"path"`
	Blob        string `bun:"blob"`
	ContentType string `bun:"content_type"`
	Size        int64  `bun:"size"`
	SHA256      string `bun:"sha256"`
}

// FindMedia returns the file of a path whose bytes are there, where who sees
// it. The error is the problem not_found where there is none for who.
func (a API) FindMedia(ctx context.Context, who auth.Identity, event, media string) (Media, error) {
	id, err := strconv.ParseInt(media, 10, 64)
	if err != nil {
		return Media{}, jsonapi.NotFound()
	}
	seen, err := a.See(ctx, who, event)
	if err != nil {
		return Media{}, err
	}
	var found Media
	err = a.Rows(seen, mediaView).
		ColumnExpr("r.id, r.import_id, r.owner_type, r.kind, r.path, r.blob, r.content_type, r.size, r.sha256").
		Where("r.id = ? AND r.state = 'stored'", id).
		Scan(ctx, &found)
	if errors.Is(err, sql.ErrNoRows) {
		return Media{}, jsonapi.NotFound()
	}
	if err != nil {
		return Media{}, fmt.Errorf("media %d: %w", id, err)
	}
	return found, nil
}
