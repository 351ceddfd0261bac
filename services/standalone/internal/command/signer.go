package command

import (
	"time"

	"github.com/usher-events/usher/pkg/auth"
	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/standalone"
)

// codeLife is how long a printed link signs in: long enough to get from a
// terminal to a browser, perhaps on another machine, and short because it stays
// in the terminal, or in the log of whoever started usher.
const codeLife = 15 * time.Minute

// operator is who has the machine in hand, and so may see and do everything.
var operator = auth.Identity{Subject: "operator", Admin: true}

// signerFor returns the signer of the environment's settings, or of a folder where
// they have no secret; data names it, as the flag --data does.
func signerFor(cfg service.Config, data string) (*auth.Signer, error) {
	folder, err := folderOf(data)
	if err != nil {
		return nil, err
	}
	return signerOf(cfg, folder)
}

// signerOf returns the signer of the settings, or of the folder where they have
// no secret.
func signerOf(cfg service.Config, folder standalone.Folder) (*auth.Signer, error) {
	if cfg.Auth.Secret == "" {
		secret, err := folder.Secret()
		if err != nil {
			return nil, err
		}
		cfg.Auth.Secret = secret
	}
	return auth.NewSigner(cfg.Auth)
}

// linkOf returns a link below url that signs in once.
func linkOf(signer *auth.Signer, who auth.Identity, url string) (string, error) {
	code, err := signer.IssueCode(who, codeLife)
	if err != nil {
		return "", err
	}
	return url + "/signin/" + code, nil
}
