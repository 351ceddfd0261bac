package inbox

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
)

// maxRead bounds the body of POST /v1/notifications/read.
const maxRead = 4 << 10

// looked is that body: everything up to this notification was looked at.
type looked struct {
	UpTo string `json:"up_to"`
}

// Read answers POST /v1/notifications/read: the caller's notifications up to the given
// one are read. It names the newest that was shown instead of "all", so that one which
// came meanwhile, or which another window shows first, stays new. Programs send JSON and
// are told how many are still unread, the form of the page leads back to the page.
func (i Inbox) Read(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxRead)
	var sent looked
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch media {
	case "application/json":
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			return malformed(err)
		}
	case "application/x-www-form-urlencoded":
		if err := r.ParseForm(); err != nil {
			return malformed(err)
		}
		sent.UpTo = r.PostForm.Get("up_to")
	default:
		return problem.New(http.StatusUnsupportedMediaType, "not_json", "The body must be application/json, or the form of the page.")
	}
	last, err := strconv.ParseInt(sent.UpTo, 10, 64)
	if err != nil {
		return malformed(err)
	}
	own := func(q bun.QueryBuilder) bun.QueryBuilder {
		return q.Where("owner_iss = ? AND owner_sub = ? AND read_at IS NULL", who.Issuer, who.Subject)
	}
	_, err = i.DB.NewUpdate().Model((*notification)(nil)).Set("read_at = now()").ApplyQueryBuilder(own).Where("id <= ?", last).Exec(r.Context())
	if err != nil {
		return fmt.Errorf("mark notifications as read: %w", err)
	}
	w.Header().Set("Cache-Control", "no-store")
	if media != "application/json" {
		w.Header().Set("Location", "/notifications")
		w.WriteHeader(http.StatusSeeOther)
		return nil
	}
	left, err := i.DB.NewSelect().Model((*notification)(nil)).ApplyQueryBuilder(own).Count(r.Context())
	if err != nil {
		return fmt.Errorf("count unread notifications: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(map[string]any{"unread": left})
}

func malformed(err error) error {
	return problem.New(http.StatusBadRequest, "malformed_document", `The body must be an object: {"up_to": "the id of a notification"}.`).Because(err)
}
