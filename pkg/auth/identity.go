package auth

import (
	"strings"
	"time"
	"unicode"

	"github.com/golang-jwt/jwt/v5"

	"github.com/usher-events/usher/contracts"
)

// Identity is who is asking, as a verified token says. Issuer and Subject are
// the person; Email is only where mail goes.
type Identity struct {
	Issuer  string
	Subject string
	Email   string
	// Admin may see and do what belongs to others.
	Admin bool
	// Until is when the token counts no more; zero where none says so.
	Until time.Time
}

// Owner is the identity as messages and rows carry it.
func (i Identity) Owner() contracts.Owner {
	return contracts.Owner{Issuer: i.Issuer, Subject: i.Subject, Email: i.Email}
}

// claims are the members of a token.
type claims struct {
	jwt.RegisteredClaims
	Email string `json:"email,omitempty"`
	Admin bool   `json:"admin,omitempty"`
}

func (c claims) identity() Identity {
	return Identity{Issuer: c.Issuer, Subject: c.Subject, Email: c.Email, Admin: c.Admin}
}

// maxClaim is how long a subject or address may be, in bytes: both become part
// of every message and of many rows.
const maxClaim = 255

// Validate is called by the parser after it has checked the registered claims.
func (c claims) Validate() error {
	if c.Subject == "" {
		return &BadToken{Reason: "it has no subject"}
	}
	for _, claim := range []string{c.Subject, c.Email} {
		// A NUL byte would be refused by the database much later, a line break
		// would be a header of a mail.
		if len(claim) > maxClaim || strings.ContainsFunc(claim, unicode.IsControl) {
			return &BadToken{Reason: "its subject or email is too long or has control characters"}
		}
	}
	return nil
}
