package command

import (
	"fmt"
	"time"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/service"
)

// tokenLife is how long a printed token is valid.
const tokenLife = 30 * 24 * time.Hour

// Token is `usher token`.
type Token struct {
	Email string `help:"Whose token it is; mails about imports go there." required:"" placeholder:"ADDRESS"`
	Admin bool   `help:"Let the token see and do everything."`
	Data  string `help:"Folder of the usher that the token is for, unless USHER_JWT_SECRET is set." placeholder:"DIR"`
}

// Run prints the token alone, so that a script can take it.
func (c *Token) Run(t *Terminal) error {
	cfg, err := service.ConfigFromEnv()
	if err != nil {
		return err
	}
	signer, err := signerFor(cfg, c.Data)
	if err != nil {
		return err
	}
	token, err := signer.Issue(auth.Identity{Subject: c.Email, Email: c.Email, Admin: c.Admin}, tokenLife)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.Out, token)
	return err
}
