package desk

import (
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/letter"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/query/internal/jsonapi"
)

// mailRow is a mail that is kept, as the notify service shows it to query. That of an
// invitation has no text, but whom it invites.
type mailRow struct {
	bun.BaseModel `bun:"table:notify.api_kept_mails,alias:m"`

	ID         int64      `bun:"id"`
	ImportID   string     `bun:"import_id"`
	Recipient  string     `bun:"recipient"`
	Subject    string     `bun:"subject"`
	Text       *string    `bun:"text"`
	Invitee    *uuid.UUID `bun:"invitee"`
	Nick       string     `bun:"nick"`
	Invitation int        `bun:"invitation"`
	CreatedAt  time.Time
}

// mailsView is the mailbox.
type mailsView struct {
	Top   topView
	Lines []mailLine
	Pager pagerView
}

type mailLine struct {
	ID                 int64
	Recipient, Subject string
	Written            instant
}

// mailView is one mail. Link is where an invitation is followed.
type mailView struct {
	Top topView
	mailLine
	Import, Text, Link string
}

// Mails lists the mails that are kept, for administrators. They are where no mail server
// is set; what is sent by one is with those it was sent to.
func (d Desk) Mails() service.AuthenticatedFunc {
	return administrators(func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		page, err := jsonapi.ReadPage(r)
		if err != nil {
			return err
		}
		var rows []mailRow
		total, err := d.DB.NewSelect().Model(&rows).Order("id DESC").
			Limit(int64(page.Size)).Offset(int64(page.Offset())).ScanAndCount(r.Context())
		if err != nil {
			return fmt.Errorf("mails: %w", err)
		}
		view := mailsView{Pager: pagerOf(r, page, len(rows), int(total))}
		for _, row := range rows {
			view.Lines = append(view.Lines, row.line())
		}
		if view.Top, err = d.top(r.Context(), who, "/mails"); err != nil {
			return err
		}
		return write(w, http.StatusOK, "mails.html", view)
	})
}

// Mail shows one mail as the text that it is; its HTML says the same.
func (d Desk) Mail() service.AuthenticatedFunc {
	return administrators(func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
		if err != nil {
			return missing(w, jsonapi.NotFound())
		}
		var row mailRow
		err = d.DB.NewSelect().Model(&row).Where("id = ?", id).Scan(r.Context())
		if errors.Is(err, sql.ErrNoRows) {
			return missing(w, jsonapi.NotFound())
		}
		if err != nil {
			return fmt.Errorf("mail %d: %w", id, err)
		}
		view := mailView{mailLine: row.line(), Import: row.ImportID}
		switch {
		case row.Text != nil:
			view.Text = *row.Text
		case row.Invitee != nil:
			token := d.Inviter.Token(auth.Invitation{Account: *row.Invitee, Number: row.Invitation, Expires: row.CreatedAt.Add(letter.Life)})
			view.Link = d.InvitationURL(token)
			view.Text, err = letter.Invitation{Nick: row.Nick, Site: d.Site, Link: view.Link, Written: row.CreatedAt}.Text()
			if err != nil {
				return err
			}
		}
		if view.Top, err = d.top(r.Context(), who, "/mails"); err != nil {
			return err
		}
		return write(w, http.StatusOK, "mail.html", view)
	})
}

func (m mailRow) line() mailLine {
	return mailLine{ID: m.ID, Recipient: m.Recipient, Subject: m.Subject, Written: instantOf(m.CreatedAt)}
}
