// Package auth issues and verifies the tokens (JWT) that say who is asking.
//
// Every service that answers people has a Verifier; the command line issues
// tokens with a Signer. How a missing or bad token is answered is not decided
// here: callers map ErrNoToken and ErrBadToken to their 401.
package auth

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// MinSecret is how long a secret must be at least, in bytes: as long as the
// hash of HS256.
const MinSecret = 32

// leeway is how far two machines' clocks may be apart.
const leeway = 30 * time.Second

// Config is what an operator sets. It shows itself without the secret wherever
// it is printed or logged.
type Config struct {
	// Secret signs and verifies tokens by HS256, at least MinSecret bytes.
	// Where it is empty main takes the one of SecretFromFile.
	Secret string `env:"USHER_JWT_SECRET"`
	// Issuer and Audience are what a token must name as its iss and aud.
	Issuer   string `env:"USHER_JWT_ISSUER" envDefault:"usher"`
	Audience string `env:"USHER_JWT_AUDIENCE" envDefault:"usher"`
}

// validate checks all but the secret, which key sets do without.
func (c Config) validate() error {
	var problems []error
	if c.Issuer == "" {
		problems = append(problems, errors.New("USHER_JWT_ISSUER: must not be empty"))
	}
	if c.Audience == "" {
		problems = append(problems, errors.New("USHER_JWT_AUDIENCE: must not be empty"))
	}
	return errors.Join(problems...)
}

func (c Config) validateSecret() error {
	if len(c.Secret) < MinSecret {
		return fmt.Errorf("USHER_JWT_SECRET: %d bytes, at least %d are needed", len(c.Secret), MinSecret)
	}
	return nil
}

// String implements fmt.Stringer without the secret.
func (c Config) String() string {
	return fmt.Sprintf("issuer %q, audience %q", c.Issuer, c.Audience)
}

// GoString implements fmt.GoStringer without the secret.
func (c Config) GoString() string { return "auth.Config{" + c.String() + "}" }

// LogValue implements slog.LogValuer without the secret.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(slog.String("issuer", c.Issuer), slog.String("audience", c.Audience))
}
