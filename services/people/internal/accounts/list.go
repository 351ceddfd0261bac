package accounts

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/paging"
	"github.com/usher-events/usher/pkg/postgres"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/pkg/userlist"
)

// contentType is the media type of JSON:API.
const contentType = "application/vnd.api+json"

// List answers GET /v1/users with all accounts by their nicks. The route is for
// administrators.
func (a *Accounts) List(w http.ResponseWriter, r *http.Request, _ auth.Identity) error {
	page, err := paging.Parse(r.URL.Query())
	if err != nil {
		return problem.New(http.StatusBadRequest, "bad_page", err.Error())
	}
	var rows []account
	query := a.db.NewSelect().Model(&rows)
	if err := narrow(query, r.URL.Query()); err != nil {
		return err
	}
	total, err := query.Order("nick_key").Limit(int64(page.Size)).Offset(int64(page.Offset())).ScanAndCount(r.Context())
	if err != nil {
		return fmt.Errorf("list accounts: %w", err)
	}
	resources := make([]resource, len(rows))
	for n, row := range rows {
		resources[n] = row.resource()
	}
	return write(w, http.StatusOK, map[string]any{
		"data":  resources,
		"meta":  map[string]any{"total": total},
		"links": page.Links(r.URL, int(total)),
	})
}

// narrow applies the filters of a request.
func narrow(query *bun.SelectQuery, asked url.Values) error {
	bad := func(detail string) error { return problem.New(http.StatusBadRequest, "bad_filter", detail) }
	for parameter, values := range asked {
		name, ok := strings.CutPrefix(parameter, "filter[")
		if !ok {
			continue
		}
		value := values[0]
		switch strings.TrimSuffix(name, "]") {
		case "import":
			id, err := uuid.Parse(value)
			if err != nil {
				return bad("filter[import] takes the id of an import.")
			}
			query.Where("import_id = ?", id)
		case "search":
			if !postgres.Storable(value) {
				return bad("filter[search] takes a text.")
			}
			key := userlist.Key(value)
			query.Where("strpos(nick_key, ?) > 0 OR strpos(email_key, ?) > 0", key, key)
		default:
			return bad("This list knows the filters import and search.")
		}
	}
	return nil
}

// Show answers GET /v1/users/{id}. The route is for administrators.
func (a *Accounts) Show(w http.ResponseWriter, r *http.Request, _ auth.Identity) error {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return notFound("There is no such account.")
	}
	return a.show(w, r, a.db.NewSelect().Where("id = ?", id), "There is no such account.")
}

// Me answers GET /v1/users/me with the account that the token is of. Tokens of the
// command line, and those of accounts that are gone, are of none.
func (a *Accounts) Me(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	const none = "Your token is not that of an account."
	subject, err := uuid.Parse(who.Subject)
	if err != nil {
		return notFound(none)
	}
	return a.show(w, r, a.db.NewSelect().Where("subject = ?", subject), none)
}

func (a *Accounts) show(w http.ResponseWriter, r *http.Request, query *bun.SelectQuery, none string) error {
	var row account
	switch err := query.Model(&row).Scan(r.Context()); {
	case errors.Is(err, sql.ErrNoRows):
		return notFound(none)
	case err != nil:
		return fmt.Errorf("show an account: %w", err)
	}
	return write(w, http.StatusOK, map[string]any{"data": row.resource()})
}

func notFound(detail string) error {
	return problem.New(http.StatusNotFound, "not_found", detail)
}

func write(w http.ResponseWriter, status int, document any) error {
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a client that is gone misses nothing
	return nil
}
