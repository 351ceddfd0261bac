package auth

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCodeStandsForAnIdentityAndIsNoToken(t *testing.T) {
	t.Parallel()
	c := Config{Secret: "a secret for tests, 32 bytes and more", Issuer: "usher", Audience: "usher"}
	v, err := NewVerifier(c)
	require.NoError(t, err)
	s, err := NewSigner(c)
	require.NoError(t, err)
	olga := Identity{Issuer: "usher", Subject: "olga", Email: "olga@organizers.example", Admin: true}

	text, err := s.IssueCode(olga, time.Minute)
	require.NoError(t, err)
	code, err := v.VerifyCode(text)
	require.NoError(t, err)
	require.Equal(t, olga, code.Identity)
	require.WithinDuration(t, time.Now(), code.Expires, 2*time.Minute)
	other, err := s.IssueCode(olga, time.Minute)
	require.NoError(t, err)
	another, err := v.VerifyCode(other)
	require.NoError(t, err)
	require.NotEqual(t, code.ID, another.ID)

	_, err = v.Verify(text)
	require.ErrorIs(t, err, ErrBadToken, "a code is no token")
	token, err := s.Issue(olga, time.Minute)
	require.NoError(t, err)
	_, err = v.VerifyCode(token)
	require.ErrorIs(t, err, ErrBadToken, "a token is no code")
	expired, err := s.IssueCode(olga, -time.Hour)
	require.NoError(t, err)
	_, err = v.VerifyCode(expired)
	require.ErrorIs(t, err, ErrBadToken)
	nameless, err := s.sign(olga, c.Audience+codeAudience, "", time.Minute)
	require.NoError(t, err)
	_, err = v.VerifyCode(nameless)
	require.ErrorIs(t, err, ErrBadToken, "a code without an id could be used again and again")
}
