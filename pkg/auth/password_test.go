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

// The first vectors are those of jBCrypt.
func TestHashesOfBcryptMatchUnderEachOfTheirNames(t *testing.T) {
	t.Parallel()
	for hash, password := range map[string]string{
		"$2a$06$m0CrhHm10qJ3lXRY.5zDGO3rS2KdeeWLuGmsfGlMfOxih58VYVfxe": "a",
		"$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i": "abc",
		"$2b$04$JvBea5Qn4z5xZaqIRXeV2OUd5YSG2l6INBw2akCQR4Y9kFPQ/jas6": "password",
		"$2y$04$JvBea5Qn4z5xZaqIRXeV2OUd5YSG2l6INBw2akCQR4Y9kFPQ/jas6": "password",
	} {
		require.True(t, auth.HashKnown(hash), hash)
		require.False(t, auth.HashUsual(hash), hash)
		require.True(t, auth.PasswordMatches(hash, password), hash)
		require.False(t, auth.PasswordMatches(hash, password+"s"), hash)
	}
}

func TestHashOfNobodyCostsAsMuchAsAnyAndMatchesNothing(t *testing.T) {
	t.Parallel()
	hash := auth.HashOfNobody()
	require.True(t, auth.HashUsual(hash))
	require.False(t, auth.PasswordMatches(hash, ""))
	require.NotEqual(t, hash, auth.HashOfNobody())
}

func TestOnlyHashesThatCanBeCheckedAreKnownAndOnlyOursAreUsual(t *testing.T) {
	t.Parallel()
	ours := auth.HashPassword("password")
	require.True(t, auth.HashKnown(ours))
	require.True(t, auth.HashUsual(ours))
	const salt, sum = "c29tZXNhbHQ", "nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
	php := "$argon2id$v=19$m=65536,t=4,p=1$" + salt + "$" + sum
	require.True(t, auth.HashKnown(php))
	require.False(t, auth.HashUsual(php))

	const rest = "JvBea5Qn4z5xZaqIRXeV2OUd5YSG2l6INBw2akCQR4Y9kFPQ/jas6"
	require.True(t, auth.HashKnown("$2b$15$"+rest))
	for _, hash := range []string{
		"$2b$16$" + rest, "$2b$31$" + rest, "$2b$03$" + rest, "$2b$99$" + rest, // would cost too much, or too little
		"$2x$10$" + rest, "$2b$10$" + rest + "x", "$2b$10$" + rest[1:], "$2b$10$" + strings.Replace(rest, "J", "!", 1),
		"$argon2id$v=19$m=65537,t=4,p=1$" + salt + "$" + sum,
		"$argon2id$v=19$m=65536,t=11,p=1$" + salt + "$" + sum,
		"$argon2i$v=19$m=65536,t=4,p=1$" + salt + "$" + sum,
		"$6$c29tZXNhbHQ$2M5LwqZQ4yF8nE5bRk3u0aPzq1mVtYxW7sDhJcKgLfNoBiUe",
		"$P$B12345678abcdefghijklmnopqrstuv",
	} {
		require.False(t, auth.HashKnown(hash), hash)
		require.False(t, auth.PasswordMatches(hash, "password"), hash)
		require.True(t, auth.LooksHashed(hash), hash)
	}
	for _, password := range []string{"", "$", "$$$$$$$$$", "$ecret horse", "$100$ for the taxi and the dinner", "Pa$$word that is rather long for one"} {
		require.False(t, auth.HashKnown(password), password)
		require.False(t, auth.LooksHashed(password), password)
	}
}
