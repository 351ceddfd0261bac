// Package accounts is what people do with accounts over HTTP: sign in, look at
// their own, follow an invitation to one, and for administrators list them, add one
// and invite somebody again. The people service has
// the routes.
package accounts

import (
	"runtime"
	"strings"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/userlist"
)

// Accounts answers requests about accounts. It is safe for concurrent use.
type Accounts struct {
	db      *bun.DB
	signer  *auth.Signer
	inviter *auth.Inviter
	// rules are what new accounts are held to.
	rules userlist.Rules
	// secure says that browsers reach Usher by https only.
	secure bool
	// slots are places for the hashing of passwords.
	slots slots
	// byLogin and byClient count the attempts to sign in that have failed.
	byLogin, byClient *attempts
	// nobody stands for the hash of an account that is not there.
	nobody string
}

// New returns the accounts of a database. Tokens are the signer's, invitations the
// inviter's; new accounts are held to the rules; publicURL is how people reach Usher.
func New(db *bun.DB, signer *auth.Signer, inviter *auth.Inviter, rules userlist.Rules, publicURL string) *Accounts {
	return &Accounts{
		db:       db,
		signer:   signer,
		inviter:  inviter,
		rules:    rules,
		secure:   strings.HasPrefix(publicURL, "https:"),
		slots:    make(slots, runtime.GOMAXPROCS(0)),
		byLogin:  newAttempts(loginAttempts, loginRecovery),
		byClient: newAttempts(clientAttempts, clientRecovery),
		nobody:   auth.HashOfNobody(),
	}
}
