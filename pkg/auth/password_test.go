package auth_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/auth"
)

func TestHashOfAPasswordMatchesItAndNothingElse(t *testing.T) {
	t.Parallel()
	const password = "röstig & heiß 8"
	hash := auth.HashPassword(password)
	require.Regexp(t, `^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, hash)
	require.NotEqual(t, hash, auth.HashPassword(password), "each has its own salt")
	require.True(t, auth.PasswordMatches(hash, password))
	for _, other := range []string{"", " " + password, password + " ", strings.ToUpper(password), "röstig & heiß"} {
		require.False(t, auth.PasswordMatches(hash, other), "%q", other)
	}
}

// The vectors are those of the reference implementation, P-H-C/phc-winner-argon2.
func TestHashesOfOtherProgramsMatch(t *testing.T) {
	t.Parallel()
	for _, hash := range []string{
		"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
		"$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
	} {
		require.True(t, auth.PasswordMatches(hash, "password"), hash)
		require.False(t, auth.PasswordMatches(hash, "passwords"), hash)
	}
}

func TestHashThatIsNoneMatchesNothing(t *testing.T) {
	t.Parallel()
	const salt, sum = "c29tZXNhbHQ", "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	for _, hash := range []string{
		"", "password", "$", "$$$$$",
		"$argon2i$v=19$m=256,t=2,p=1$" + salt + "$" + sum,
		"$argon2id$v=16$m=256,t=2,p=1$" + salt + "$" + sum,
		"$argon2id$m=256,t=2,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$t=2,m=256,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=256,t=2,p=1,x=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=0256,t=2,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=256,t=0,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=256,t=2,p=0$" + salt + "$" + sum,
		"$argon2id$v=19$m=256,t=2,p=257$" + salt + "$" + sum,
		"$argon2id$v=19$m=4294967295,t=2,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=256,t=4294967295,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=256,t=2,p=1$$" + sum,
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$",
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + sum + "=",
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + sum + "$",
		"$argon2id$v=19$m=256,t=2,p=1$" + salt + "$" + strings.Repeat("A", 4096),
	} {
		require.False(t, auth.PasswordMatches(hash, "password"), hash)
	}
}
