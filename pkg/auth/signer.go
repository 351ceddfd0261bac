package auth

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Signer issues tokens by HS256. It is safe for concurrent use.
type Signer struct {
	config Config
}

// NewSigner returns a signer whose tokens the Verifier of the same config accepts.
func NewSigner(c Config) (*Signer, error) {
	if err := errors.Join(c.validate(), c.validateSecret()); err != nil {
		return nil, err
	}
	return &Signer{config: c}, nil
}

// Issue returns a token for an identity, valid from now on for ttl. The issuer
// is always the configured one; that of the identity must be the same or empty.
func (s *Signer) Issue(id Identity, ttl time.Duration) (string, error) {
	return s.sign(id, s.config.Audience, "", ttl)
}

// sign makes a token, or a code, which has a name and another audience.
func (s *Signer) sign(id Identity, audience, name string, ttl time.Duration) (string, error) {
	if id.Issuer != "" && id.Issuer != s.config.Issuer {
		return "", fmt.Errorf("token of issuer %q: this is %q", id.Issuer, s.config.Issuer)
	}
	now := time.Now()
	c := claims{
		RegisteredClaims: jwt.RegisteredClaims{
			ID:        name,
			Issuer:    s.config.Issuer,
			Subject:   id.Subject,
			Audience:  jwt.ClaimStrings{audience},
			IssuedAt:  jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(ttl)),
		},
		Email: id.Email,
		Admin: id.Admin,
	}
	if err := c.Validate(); err != nil {
		return "", fmt.Errorf("token: %w", err)
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, c).SignedString([]byte(s.config.Secret))
}
