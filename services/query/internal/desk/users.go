package desk

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/pkg/userlist"
)

// usersView is a list of accounts: all, or those that an import has made.
type usersView struct {
	Top topView
	// Import and Name are those of the import.
	Import, Name string
	Search       string
	Lines        []userLine
	Pager        pagerView
}

// userLine is one account. Invited tells that nobody has chosen its password yet.
type userLine struct {
	ID                        int64
	Nick, Email, Name, Import string
	Admin, Invited            bool
	Since                     instant
}

// accountRow is an account as the people service shows it to query: there is no hash.
type accountRow struct {
	bun.BaseModel `bun:"table:people.api_accounts,alias:u"`

	ID        int64   `bun:"id"`
	ImportID  *string `bun:"import_id"`
	Nick      string  `bun:"nick"`
	Email     string  `bun:"email"`
	FirstName string  `bun:"first_name"`
	LastName  string  `bun:"last_name"`
	Admin     bool    `bun:"is_admin"`
	Invited   bool    `bun:"invited"`
	CreatedAt time.Time
}

// Users lists all accounts, for administrators.
func (d Desk) Users() service.AuthenticatedFunc {
	return administrators(func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		return d.users(w, r, who, usersView{})
	})
}

// ImportUsers lists the accounts that an import has made, for administrators.
func (d Desk) ImportUsers() service.AuthenticatedFunc {
	return administrators(func(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
		i, err := d.Tasks.Find(r.Context(), r.PathValue("id"), who)
		if err != nil {
			return missing(w, err)
		}
		return d.users(w, r, who, usersView{Import: i.ID, Name: nameOf(i)})
	})
}

func (d Desk) users(w http.ResponseWriter, r *http.Request, who auth.Identity, view usersView) error {
	q, page, err := asked(r)
	if err != nil {
		return err
	}
	if view.Search, err = searched(q); err != nil {
		return err
	}
	var rows []accountRow
	query := d.DB.NewSelect().Model(&rows).Order("nick_key").Limit(int64(page.Size)).Offset(int64(page.Offset()))
	if view.Import != "" {
		query.Where("import_id = ?", view.Import)
	}
	if view.Search != "" {
		key := userlist.Key(view.Search)
		query.Where("strpos(nick_key, ?0) > 0 OR strpos(email_key, ?0) > 0", key)
	}
	total, err := query.ScanAndCount(r.Context())
	if err != nil {
		return fmt.Errorf("accounts: %w", err)
	}
	for _, row := range rows {
		line := userLine{
			ID: row.ID, Nick: row.Nick, Email: row.Email, Name: strings.TrimSpace(row.FirstName + " " + row.LastName),
			Admin: row.Admin, Invited: row.Invited, Since: instantOf(row.CreatedAt),
		}
		if row.ImportID != nil {
			line.Import = *row.ImportID
		}
		view.Lines = append(view.Lines, line)
	}
	view.Pager = pagerOf(r, page, len(rows), int(total))
	if view.Top, err = d.top(r.Context(), who, "/users"); err != nil {
		return err
	}
	return write(w, http.StatusOK, "users.html", view)
}
