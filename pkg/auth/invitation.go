package auth

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// Invitation is what stands behind a link with which somebody chooses the first
// password of an account.
type Invitation struct {
	// Account is the subject of the account.
	Account uuid.UUID
	// Number tells the invitations of one account apart, which are counted from 1.
	Number int
	// Expires is until when the invitation counts, in whole seconds.
	Expires time.Time
}

// Inviter makes the tokens of invitations and reads them. What a token says can be
// made again at any time, so nobody has to keep one. It is safe for concurrent use.
type Inviter struct {
	key []byte
}

// invitationKey names the key of invitations: one of its own, so that nothing which is
// signed for another purpose ever counts as an invitation.
const invitationKey = "usher invitation"

// NewInviter returns an inviter whose tokens every other one of the same config reads.
func NewInviter(c Config) (*Inviter, error) {
	if err := c.validateSecret(); err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, []byte(c.Secret), nil, invitationKey, sha256.Size)
	if err != nil {
		return nil, err
	}
	return &Inviter{key: key}, nil
}

const (
	numberAt  = len(uuid.UUID{})
	expiresAt = numberAt + 4
	saidBytes = expiresAt + 8
)

var invitationEncoding = base64.RawURLEncoding.Strict()

// Token returns the token of an invitation, 80 letters, digits, "-" and "_". The same
// invitation has the same token.
func (i *Inviter) Token(inv Invitation) string {
	said := make([]byte, saidBytes, saidBytes+sha256.Size)
	copy(said, inv.Account[:])
	binary.BigEndian.PutUint32(said[numberAt:], uint32(inv.Number))
	binary.BigEndian.PutUint64(said[expiresAt:], uint64(inv.Expires.Unix()))
	return invitationEncoding.EncodeToString(append(said, i.sign(said)...))
}

// Read returns what stands behind a token, or a *BadToken. Whether the invitation has
// expired or was followed before is for the caller to find out.
func (i *Inviter) Read(token string) (Invitation, error) {
	whole, err := invitationEncoding.DecodeString(token)
	// The decoder reads over line breaks, so both lengths count.
	if err != nil || len(whole) != saidBytes+sha256.Size || len(token) != invitationEncoding.EncodedLen(len(whole)) {
		return Invitation{}, &BadToken{Reason: "it is not that of an invitation"}
	}
	said := whole[:saidBytes]
	if !hmac.Equal(whole[saidBytes:], i.sign(said)) {
		return Invitation{}, &BadToken{Reason: "its signature is not accepted"}
	}
	return Invitation{
		Account: uuid.UUID(said[:numberAt]),
		Number:  int(binary.BigEndian.Uint32(said[numberAt:])),
		Expires: time.Unix(int64(binary.BigEndian.Uint64(said[expiresAt:])), 0),
	}, nil
}

func (i *Inviter) sign(said []byte) []byte {
	mac := hmac.New(sha256.New, i.key)
	_, _ = mac.Write(said) // a hash takes everything
	return mac.Sum(nil)
}
