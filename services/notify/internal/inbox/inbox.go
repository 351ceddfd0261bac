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
	"github.com/usher-events/usher/services/notify/internal/invitation"
	"github.com/usher-events/usher/services/notify/internal/mail"
)

// Inbox reads notifications and mails.
type Inbox struct {
	DB *bun.DB
	// Letters writes the words of invitations, which no row has.
	Letters invitation.Letters
}

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

// letter is one entry of GET /v1/mails.
type letter struct {
	ID        int64      `json:"id,string"`
	Import    string     `json:"import"`
	Attempt   int        `json:"attempt"`
	MessageID string     `json:"message_id"`
	Recipient string     `json:"recipient"`
	Subject   string     `json:"subject"`
	Text      string     `json:"text"`
	HTML      string     `json:"html"`
	State     string     `json:"state"`
	Tries     int        `json:"tries"`
	LastError string     `json:"last_error"`
	CreatedAt time.Time  `json:"created_at"`
	SentAt    *time.Time `json:"sent_at"`
}

func letterOf(m mail.Row) letter {
	l := letter{
		ID: m.ID, Import: m.ImportID, Attempt: m.Attempt, MessageID: m.MessageID, Recipient: m.Recipient, Subject: m.Subject,
		Text: m.Text, HTML: m.HTML, State: m.State, Tries: m.Tries, LastError: m.LastError, CreatedAt: m.CreatedAt,
	}
	if !m.SentAt.IsZero() {
		l.SentAt = &m.SentAt
	}
	return l
}

// Notifications lists the caller's own, newest first; filter[read] narrows them to those
// that were read or to those that were not.
func (i Inbox) Notifications(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	rows := []notification{}
	query := i.DB.NewSelect().Model(&rows).Where("owner_iss = ? AND owner_sub = ?", who.Issuer, who.Subject)
	if asked := r.URL.Query(); asked.Has("filter[read]") {
		switch asked.Get("filter[read]") {
		case "true":
			query.Where("read_at IS NOT NULL")
		case "false":
			query.Where("read_at IS NULL")
		default:
			return problem.New(http.StatusBadRequest, "bad_filter", "filter[read] takes true or false.")
		}
	}
	return list(w, r, query, func() (any, error) { return rows, nil })
}

// Mails lists all of them, newest first. The route is for administrators. They see the
// link of an invitation only where its mail is kept: it has no other way to who is
// invited then, and else it is a secret of the one that it was sent to.
func (i Inbox) Mails(w http.ResponseWriter, r *http.Request, _ auth.Identity) error {
	var rows []mail.Row
	return list(w, r, i.DB.NewSelect().Model(&rows), func() (any, error) {
		letters := make([]letter, len(rows))
		for n, row := range rows {
			if err := i.fill(&row); err != nil {
				return nil, err
			}
			letters[n] = letterOf(row)
		}
		return letters, nil
	})
}

func (i Inbox) fill(row *mail.Row) error {
	switch {
	case row.Invitee == "":
		return nil // it has its words
	case row.State == mail.Kept:
		return i.Letters.Fill(row)
	}
	return i.Letters.FillWithoutLink(row)
}

// list answers with one page of what the query selects, as shown makes it of the rows.
func list(w http.ResponseWriter, r *http.Request, query *bun.SelectQuery, shown func() (any, error)) error {
	page, err := paging.Parse(r.URL.Query())
	if err != nil {
		return problem.New(http.StatusBadRequest, "bad_page", err.Error())
	}
	total, err := query.Order("id DESC").Limit(int64(page.Size)).Offset(int64(page.Offset())).ScanAndCount(r.Context())
	if err != nil {
		return fmt.Errorf("list: %w", err)
	}
	data, err := shown()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(map[string]any{
		"data":  data,
		"meta":  map[string]any{"total": total},
		"links": page.Links(r.URL, int(total)),
	})
}
