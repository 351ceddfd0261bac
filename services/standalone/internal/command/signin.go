package command

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// SignIn is `usher signin`.
type SignIn struct {
	Email  string `help:"Who signs in; mails about imports go there. Default is the operator, an administrator." placeholder:"ADDRESS"`
	Admin  bool   `help:"Let them see and do everything."`
	Data   string `help:"Folder of the usher that the link is for, unless USHER_JWT_SECRET is set." placeholder:"DIR"`
	Server string `help:"URL that people reach Usher by; default is USHER_PUBLIC_URL or http://localhost:8080." env:"USHER_SERVER" placeholder:"URL"`
}

// Run prints the link alone, so that a script can take it.
func (c *SignIn) Run(t *Terminal) error {
	cfg, err := service.ConfigFromEnv()
	if err != nil {
		return err
	}
	server := strings.TrimRight(cmp.Or(c.Server, cfg.PublicURL, client.DefaultServer), "/")
	if !strings.HasPrefix(server, "http://") && !strings.HasPrefix(server, "https://") {
		return errors.New("the server must be a URL such as " + client.DefaultServer)
	}
	signer, err := signerFor(cfg, c.Data)
	if err != nil {
		return err
	}
	who := operator
	if c.Email != "" {
		who = auth.Identity{Subject: c.Email, Email: c.Email, Admin: c.Admin}
	}
	link, err := linkOf(signer, who, server)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.Out, link)
	return err
}
