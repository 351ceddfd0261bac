package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func inviterOf(t *testing.T, secret string) *Inviter {
	t.Helper()
	i, err := NewInviter(Config{Secret: secret, Issuer: "usher", Audience: "usher"})
	require.NoError(t, err)
	return i
}

func TestInvitationIsReadBackByWhoHasTheSameSecret(t *testing.T) {
	t.Parallel()
	const secret = "a secret for tests that is long enough"
	want := Invitation{Account: uuid.New(), Number: 3, Expires: time.Unix(1_957_000_000, 0)}
	token := inviterOf(t, secret).Token(want)
	require.Regexp(t, `^[A-Za-z0-9_-]{80}$`, token)
	require.Equal(t, token, inviterOf(t, secret).Token(want), "a mail that is sent again has the same link")
	read, err := inviterOf(t, secret).Read(token)
	require.NoError(t, err)
	require.Equal(t, want, read)

	_, err = inviterOf(t, secret+"!").Read(token)
	require.ErrorIs(t, err, ErrBadToken)
}

func TestInvitationThatWasAlteredIsNone(t *testing.T) {
	t.Parallel()
	i := inviterOf(t, "a secret for tests that is long enough")
	token := i.Token(Invitation{Account: uuid.New(), Number: 1, Expires: time.Now()})
	for at := range token {
		altered := []byte(token)
		altered[at] = 'A'
		if token[at] == 'A' {
			altered[at] = 'B'
		}
		_, err := i.Read(string(altered))
		require.ErrorIs(t, err, ErrBadToken, "character %d", at)
	}
	for _, bad := range []string{"", token[:79], token + "A", token + "=", token + "\n", " " + token, strings.Repeat("A", 80), "{}"} {
		_, err := i.Read(bad)
		require.ErrorIs(t, err, ErrBadToken)
		if bad != "" {
			require.NotContains(t, err.Error(), bad)
		}
	}
}

func TestNothingThatIsSignedWithTheSecretItselfIsAnInvitation(t *testing.T) {
	t.Parallel()
	const secret = "a secret for tests that is long enough"
	i := inviterOf(t, secret)
	token := i.Token(Invitation{Account: uuid.New(), Number: 1, Expires: time.Now()})
	whole, err := base64.RawURLEncoding.DecodeString(token)
	require.NoError(t, err)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(whole[:saidBytes])
	_, err = i.Read(base64.RawURLEncoding.EncodeToString(append(whole[:saidBytes:saidBytes], mac.Sum(nil)...)))
	require.ErrorIs(t, err, ErrBadToken)
}

func TestInviterNeedsASecret(t *testing.T) {
	t.Parallel()
	_, err := NewInviter(Config{Secret: "short", Issuer: "usher", Audience: "usher"})
	require.ErrorContains(t, err, "USHER_JWT_SECRET")
	require.NotContains(t, err.Error(), "short")
}
