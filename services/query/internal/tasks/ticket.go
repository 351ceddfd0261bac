package tasks

import (
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/problem"
	"github.com/usher-events/usher/pkg/service"
)

const (
	// ticketBytes is how long a ticket is, before it is text.
	ticketBytes = 32
	// maxTickets is how many tickets of an import are good at a time.
	maxTickets = 100
)

// ticketText is how a ticket is written into an address: in one way only.
var ticketText = base64.RawURLEncoding.Strict()

// ticket is one that is good until it is redeemed or expires. Which one it is
// nobody can tell from the row.
type ticket struct {
	bun.BaseModel `bun:"table:query.tickets,alias:t"`

	Hash []byte `bun:"hash,pk"`
	// Import is empty where the ticket is for the stream of all.
	Import    string `bun:"type:uuid,nullzero"`
	ExpiresAt time.Time

	// Who asked for it, and until when their token counts.
	OwnerIss string
	OwnerSub string
	Admin    bool
	Until    time.Time `bun:",nullzero"`
}

// issued is the document of a new ticket.
type issued struct {
	Ticket    string    `json:"ticket"`
	ExpiresAt time.Time `json:"expires_at"`
	StreamURL string    `json:"stream_url"`
}

// Ticket answers with a ticket for the stream of one import. It stands in an
// address, which is what logs and histories keep; so it is good for once and for a
// minute, and for nothing but this stream.
func (t Tasks) Ticket(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	noReferrer(w)
	i, err := t.Find(r.Context(), r.PathValue("id"), who)
	if err != nil {
		return err
	}
	return t.issue(w, r, who, i.ID, "/v1/tasks/"+i.ID+"/stream")
}

// TicketForAll is Ticket for the stream of all imports that who may see.
func (t Tasks) TicketForAll(w http.ResponseWriter, r *http.Request, who auth.Identity) error {
	noReferrer(w)
	return t.issue(w, r, who, "", "/v1/imports/stream")
}

func (t Tasks) issue(w http.ResponseWriter, r *http.Request, who auth.Identity, id, stream string) error {
	secret := make([]byte, ticketBytes)
	_, _ = rand.Read(secret) // it never fails
	hash := sha256.Sum256(secret)
	row := ticket{Hash: hash[:], Import: id, OwnerIss: who.Issuer, OwnerSub: who.Subject, Admin: who.Admin, Until: who.Until}
	// The database's clock says when it expires, because it also says whether it has.
	if err := t.DB.NewInsert().Model(&row).Value("expires_at", "now() + interval '60 seconds'").
		Returning("expires_at").Scan(r.Context()); err != nil {
		return fmt.Errorf("ticket for %s: %w", stream, err)
	}
	if err := t.forgetTickets(r, row); err != nil {
		return err
	}
	text := ticketText.EncodeToString(secret)
	body, err := json.Marshal(issued{Ticket: text, ExpiresAt: row.ExpiresAt.UTC(), StreamURL: stream + "?ticket=" + text})
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", plain)
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(append(body, '\n')) // a client that is gone misses nothing
	return nil
}

// forgetTickets deletes those that have expired, and the oldest where there are too many
// like the given one: of its import, or for all imports of who asks. Somebody else may
// do the same: what they hold is left to them.
func (t Tasks) forgetTickets(r *http.Request, like ticket) error {
	expired := t.DB.NewSelect().Model((*ticket)(nil)).Column("hash").Where("expires_at <= now()").For("UPDATE SKIP LOCKED")
	surplus := t.DB.NewSelect().Model((*ticket)(nil)).Column("hash").
		Order("expires_at DESC", "hash").Offset(maxTickets).For("UPDATE SKIP LOCKED")
	if like.Import != "" {
		surplus.Where("import = ?", like.Import)
	} else {
		surplus.Where("import IS NULL AND owner_iss = ? AND owner_sub = ?", like.OwnerIss, like.OwnerSub)
	}
	for _, hashes := range []*bun.SelectQuery{expired, surplus} {
		if _, err := t.DB.NewDelete().Model((*ticket)(nil)).Where("hash IN (?)", hashes).Exec(r.Context()); err != nil {
			return fmt.Errorf("forget tickets: %w", err)
		}
	}
	return nil
}

// ByTicket answers a browser, which cannot send a token with what it streams: the
// ticket in the address stands for one. It is one for the import that the address
// names, or for all of them.
func (t Tasks) ByTicket(f service.AuthenticatedFunc) problem.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		noReferrer(w)
		who, err := t.redeem(w, r)
		if err != nil {
			return err
		}
		return f(w, r, who)
	}
}

// redeem takes the ticket of a request and returns whom it stands for. Taking it is
// deleting it, so of two who come with the same one, at whichever replicas, one gets it.
func (t Tasks) redeem(w http.ResponseWriter, r *http.Request) (who auth.Identity, err error) {
	given := r.URL.Query()["ticket"]
	secret, err := ticketText.DecodeString(given[0])
	// A HEAD is a look, mostly of a program that follows addresses for others.
	if err != nil || len(given) != 1 || len(secret) != ticketBytes || r.Method == http.MethodHead {
		return who, badTicket(w)
	}
	hash := sha256.Sum256(secret)
	var taken ticket
	query := t.DB.NewDelete().Model(&taken).Where("hash = ? AND expires_at > now()", hash[:]).Returning("*")
	if id := r.PathValue("id"); id == "" {
		query.Where("import IS NULL")
	} else {
		parsed, err := uuid.Parse(id)
		if err != nil {
			return who, badTicket(w)
		}
		query.Where("import = ?", parsed)
	}
	err = query.Scan(r.Context())
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return who, badTicket(w)
	case err != nil:
		return who, fmt.Errorf("redeem a ticket: %w", err)
	}
	return auth.Identity{Issuer: taken.OwnerIss, Subject: taken.OwnerSub, Admin: taken.Admin, Until: taken.Until}, nil
}

func badTicket(w http.ResponseWriter) error {
	w.Header().Set("WWW-Authenticate", "Bearer")
	return problem.New(http.StatusUnauthorized, "ticket_invalid",
		"The ticket is not valid: it has been used, has expired, or is for something else. Ask for another one.")
}
