// Package edit answers what an owner asks to be changed about an event that was
// imported: attributes of its core, its publication, and that it be deleted.
package edit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/problem"
)

// Events changes and deletes events. It is safe for concurrent use.
type Events struct {
	DB     *bun.DB
	Broker *broker.Broker
	// Clear removes what this service has made of an import that was taken back.
	Clear func(ctx context.Context, importID string, state contracts.State) error
	Log   *slog.Logger
}

var errUnknown = problem.New(http.StatusNotFound, "not_found", "There is no such thing, or it is not yours.")

// event is what has to be known of an event before it is touched.
type event struct {
	ID       int64
	ImportID string
	Revision int64
	OwnerIss string
	OwnerSub string
	StartsAt time.Time
	EndsAt   time.Time
}

// identifierLength is how long an identifier of ours is; it may consist of
// decimal digits only and then looks like an id.
const identifierLength = 8

// find reads an event by its id or its identifier, if it is theirs who ask, and
// locks it until the transaction ends. What is another's does not exist.
func find(ctx context.Context, tx bun.Tx, who auth.Identity, key string) (event, error) {
	query := tx.NewSelect().TableExpr("event.events AS e").
		Column("id", "import_id", "revision", "owner_iss", "owner_sub", "starts_at", "ends_at")
	id, err := strconv.ParseInt(key, 10, 64)
	switch {
	case err == nil && len(key) == identifierLength:
		query.Where("identifier = ? OR id = ?", key, id).OrderExpr("identifier = ? DESC", key)
	case err == nil:
		query.Where("id = ?", id)
	default:
		query.Where("identifier = ?", strings.ReplaceAll(key, "\x00", ""))
	}
	if !who.Admin {
		query.Where("owner_iss = ? AND owner_sub = ?", who.Issuer, who.Subject)
	}
	var e event
	err = query.Limit(1).For("UPDATE").Scan(ctx, &e)
	if errors.Is(err, sql.ErrNoRows) {
		return e, errUnknown
	}
	if err != nil {
		return e, fmt.Errorf("event %q: %w", key, err)
	}
	return e, nil
}

// expected refuses where the request says which state of the event it is about,
// and that is not the present one. An ETag of an event begins with its revision.
func (e event) expected(r *http.Request) error {
	header := strings.Join(r.Header.Values("If-Match"), ",")
	if header == "" {
		return nil
	}
	for tag := range strings.SplitSeq(header, ",") {
		tag = strings.TrimSpace(tag)
		// A proxy that compresses answers marks their tags as weak; the revision
		// is none the weaker for it.
		revision, _, _ := strings.Cut(strings.Trim(strings.TrimPrefix(tag, "W/"), `"`), "-")
		if tag == "*" || revision == strconv.FormatInt(e.Revision, 10) {
			return nil
		}
	}
	return problem.New(http.StatusPreconditionFailed, "changed_since",
		"The event has been changed since; get it again and repeat the change.")
}
