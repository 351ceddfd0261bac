package command

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/auth"
)

func TestSignInPrintsALinkForTheOperatorOrWhoeverIsNamed(t *testing.T) {
	const secret = "a secret for tests, 32 bytes and more"
	t.Setenv("USHER_JWT_SECRET", secret)
	v, err := auth.NewVerifier(auth.Config{Secret: secret, Issuer: "usher", Audience: "usher"})
	require.NoError(t, err)
	link := func(c SignIn) string {
		terminal := newRecorder(false)
		require.NoError(t, c.Run(&terminal.Terminal))
		return strings.TrimSuffix(terminal.out.String(), "\n")
	}

	code, err := v.VerifyCode(strings.TrimPrefix(link(SignIn{}), "http://localhost:8080/signin/"))
	require.NoError(t, err)
	require.Equal(t, auth.Identity{Issuer: "usher", Subject: "operator", Admin: true}, code.Identity)

	text := link(SignIn{Email: "olga@organizers.example", Server: "https://usher.example/"})
	code, err = v.VerifyCode(strings.TrimPrefix(text, "https://usher.example/signin/"))
	require.NoError(t, err)
	require.Equal(t, auth.Identity{Issuer: "usher", Subject: "olga@organizers.example", Email: "olga@organizers.example"}, code.Identity)

	terminal := newRecorder(false)
	require.ErrorContains(t, (&SignIn{Server: "usher.example"}).Run(&terminal.Terminal), "must be a URL")
}
