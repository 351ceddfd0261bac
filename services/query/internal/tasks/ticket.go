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

	Hash      []byte `bun:"hash,pk"`
	Import    string `bun:"type:uuid"`
	ExpiresAt time.Time
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
	secret := make([]byte, ticketBytes)
	_, _ = rand.Read(secret) // it never fails
	hash := sha256.Sum256(secret)
	row := ticket{Hash: hash[:], Import: i.ID}
	// The database's clock says when it expires, because it also says whether it has.
	if err := t.DB.NewInsert().Model(&row).Value("expires_at", "now() + interval '60 seconds'").
		Returning("expires_at").Scan(r.Context()); err != nil {
		return fmt.Errorf("ticket for import %s: %w", i.ID, err)
	}
	if err := t.forgetTickets(r, i.ID); err != nil {
		return err
	}
	text := ticketText.EncodeToString(secret)
	body, err := json.Marshal(issued{
		Ticket: text, ExpiresAt: row.ExpiresAt.UTC(), StreamURL: "/v1/tasks/" + i.ID + "/stream?ticket=" + text,
	})
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", plain)
	w.WriteHeader(http.StatusCreated)
	_, _ = w.Write(append(body, '\n')) // a client that is gone misses nothing
	return nil
}

// forgetTickets deletes those that have expired, and the oldest of an import that
// has too many. Somebody else may do the same: what they hold is left to them.
func (t Tasks) forgetTickets(r *http.Request, id string) error {
	expired := t.DB.NewSelect().Model((*ticket)(nil)).Column("hash").Where("expires_at <= now()").For("UPDATE SKIP LOCKED")
	surplus := t.DB.NewSelect().Model((*ticket)(nil)).Column("hash").Where("import = ?", id).
		Order("expires_at DESC", "hash").Offset(maxTickets).For("UPDATE SKIP LOCKED")
	for _, hashes := range []*bun.SelectQuery{expired, surplus} {
		if _, err := t.DB.NewDelete().Model((*ticket)(nil)).Where("hash IN (?)", hashes).Exec(r.Context()); err != nil {
			return fmt.Errorf("forget tickets: %w", err)
		}
	}
	return nil
}

// redeem takes the ticket of a request, which must be one for this import. Taking
// it is deleting it, so of two who come with the same one, at whichever replicas,
// one gets it.
func (t Tasks) redeem(w http.ResponseWriter, r *http.Request, id string) error {
	given := r.URL.Query()["ticket"]
	secret, err := ticketText.DecodeString(given[0])
	parsed, noID := uuid.Parse(id)
	// A HEAD is a look, mostly of a program that follows addresses for others.
	if err != nil || len(given) != 1 || len(secret) != ticketBytes || noID != nil || r.Method == http.MethodHead {
		return badTicket(w)
	}
	hash := sha256.Sum256(secret)
	var taken ticket
	err = t.DB.NewDelete().Model(&taken).Where("hash = ? AND import = ? AND expires_at > now()", hash[:], parsed).
		Returning("*").Scan(r.Context())
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return badTicket(w)
	case err != nil:
		return fmt.Errorf("redeem a ticket for import %s: %w", id, err)
	}
	return nil
}

func badTicket(w http.ResponseWriter) error {
	w.Header().Set("WWW-Authenticate", "Bearer")
	return problem.New(http.StatusUnauthorized, "ticket_invalid",
		"The ticket is not valid: it has been used, has expired, or is for something else. Ask for another one.")
}
