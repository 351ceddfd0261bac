// Package inbox answers what the notify service is asked over HTTP: a person's
// notifications, and for administrators the mails.
package inbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/paging"
	"github.com/usher-events/usher/pkg/problem"
)

// Inbox reads notifications and mails.
type Inbox struct{ DB *bun.DB }

// notification is one entry of GET /v1/notifications.
type notification struct {
	bun.BaseModel `bun:"table:notify.notifications,alias:n"`

	ID        int64      `bun:"id" json:"id,string"`
	Import    string     `bun:"import_id" json:"import"`
	Attempt   int        `bun:"attempt" json:"attempt"`
	Kind      string     `bun:"kind" json:"kind"`
	Title     string     `bun:"title" json:"title"`
	Message   string     `bun:"message" json:"message"`
	URL       *string    `bun:"url" json:"url"`
	CreatedAt time.Time  `bun:"created_at" json:"created_at"`
	ReadAt    *time.Time `bun:"read_at" json:"read_at"`
}

// mail is one entry of GET /v1/mails.
type mail struct {
	bun.BaseModel `bun:"table:notify.mails,alias:m"`

	ID        int64      `bun:"id" json:"id,string"`
	Import    string     `bun:"import_id" json:"import"`
	Attempt   int        `bun:"attempt" json:"attempt"`
	MessageID string     `bun:"message_id" json:"message_id"`
	Recipient string     `bun:"recipient" json:"recipient"`
	Subject   string     `bun:"subject" json:"subject"`
	Text      string     `bun:"text" json:"text"`
	HTML      string     `bun:"html" json:"html"`
	State     string     `bun:"state" json:"state"`
	Tries     int        `bun:"tries" json:"tries"`
	LastError string     `bun:"last_error" json:"last_error"`
	CreatedAt time.Time  `bun:"created_at" json:"created_at"`
	SentAt    *time.Time `bun:"sent_at" json:"sent_at"`
}

// Notifications lists the caller's own, newest first.
func (i Inbox) Notifications(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	rows := []notification{}
	query := i.DB.NewSelect().Model(&rows).Where("owner_iss = ? AND owner_sub = ?", who.Issuer, who.Subject)
	return list(w, r, query, &rows)
}

// Mails lists all of them, newest first. The route is for administrators.
func (i Inbox) Mails(w http.ResponseWriter, r *http.Request, _ auth.Identity) error {
	rows := []mail{}
	return list(w, r, i.DB.NewSelect().Model(&rows), &rows)
}

// list answers with one page of what the query selects into rows.
func list(w http.ResponseWriter, r *http.Request, query *bun.SelectQuery, rows any) error {
	page, err := paging.Parse(r.URL.Query())
	if err != nil {
		return problem.New(http.StatusBadRequest, "bad_page", err.Error())
	}
	total, err := query.Order("id DESC").Limit(int64(page.Size)).Offset(int64(page.Offset())).ScanAndCount(r.Context())
	if err != nil {
		return fmt.Errorf("list: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(map[string]any{
		"data":  rows,
		"meta":  map[string]any{"total": total},
		"links": page.Links(r.URL, int(total)),
	})
}
