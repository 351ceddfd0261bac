package auth

import (
	"crypto/rand"
	"time"
)

// codeAudience sets the audience of codes apart from that of tokens, so that
// neither ever counts as the other.
const codeAudience = "/sign-in"

// Code is what stands behind a code that signs somebody in once. Whoever accepts
// one keeps its ID until it has expired, and accepts it no second time.
type Code struct {
	ID       string
	Identity Identity
	Expires  time.Time
}

// IssueCode returns a code with which a browser signs in as an identity, once,
// within ttl. It may stand in an address, as a token may not. The issuer of the
// identity is as for Issue.
func (s *Signer) IssueCode(id Identity, ttl time.Duration) (string, error) {
	return s.sign(id, s.config.Audience+codeAudience, rand.Text(), ttl)
}

// VerifyCode returns what stands behind a code, or a *BadToken. That it was used
// before is not known here.
func (v *Verifier) VerifyCode(code string) (Code, error) {
	c, err := v.parse(v.codes, code)
	if err != nil {
		return Code{}, err
	}
	if c.ID == "" {
		return Code{}, &BadToken{Reason: "it has no id"}
	}
	return Code{ID: c.ID, Identity: c.identity(), Expires: c.ExpiresAt.Time}, nil
}
