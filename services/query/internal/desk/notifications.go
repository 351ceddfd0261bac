package desk

import (
	"fmt"
	"net/http"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// notificationRow is a notification as the notify service shows it to query.
type notificationRow struct {
	bun.BaseModel `bun:"table:notify.api_notifications,alias:n"`

	ID        int64   `bun:"id"`
	ImportID  string  `bun:"import_id"`
	Kind      string  `bun:"kind"`
	Title     string  `bun:"title"`
	Message   string  `bun:"message"`
	URL       *string `bun:"url"`
	CreatedAt time.Time
	ReadAt    *time.Time
}

// notificationsView is the page behind the bell.
type notificationsView struct {
	Top   topView
	Lines []notificationLine
	Pager pagerView
	// Newest is the id of the newest that is shown where any is new, else 0: with it the
	// page says what was looked at.
	Newest int64
}

type notificationLine struct {
	Import, Title, Message, URL, Mark string
	When                              instant
	New                               bool
}

// Notifications lists those of who asks. That they were read is said by the page, once
// it is looked at, and not by asking for it: browsers ask for pages that nobody sees.
func (d Desk) Notifications() service.AuthenticatedFunc {
	return signedIn(func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		page, err := jsonapi.ReadPage(r)
		if err != nil {
			return err
		}
		var rows []notificationRow
		total, err := d.DB.NewSelect().Model(&rows).Where("owner_iss = ? AND owner_sub = ?", who.Issuer, who.Subject).
			Order("id DESC").Limit(int64(page.Size)).Offset(int64(page.Offset())).ScanAndCount(r.Context())
		if err != nil {
			return fmt.Errorf("notifications: %w", err)
		}
		view := notificationsView{Pager: pagerOf(r, page, len(rows), int(total))}
		if view.Top, err = d.top(r.Context(), who, "/notifications"); err != nil {
			return err
		}
		if view.Top.Unread > 0 && len(rows) > 0 {
			view.Newest = rows[0].ID
		}
		for _, row := range rows {
			line := notificationLine{
				Import: row.ImportID, Title: row.Title, Message: row.Message, Mark: markDone, When: instantOf(row.CreatedAt), New: row.ReadAt == nil,
			}
			if row.Kind == "failure" {
				line.Mark = markFailed
			}
			if row.URL != nil {
				line.URL = web(*row.URL)
			}
			view.Lines = append(view.Lines, line)
		}
		return write(w, http.StatusOK, "notifications.html", view)
	})
}
