package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// cost is what argon2id is told to spend on one password: memory in KiB, passes
// over it, and lanes.
type cost struct {
	memory, passes uint32
	lanes          uint8
}

// usualCost is what OWASP recommends: 19 MiB and some tens of milliseconds for
// each guess.
var usualCost = cost{memory: HashMemory >> 10, passes: 2, lanes: 1}

// HashMemory is how many bytes HashPassword takes while it runs.
const HashMemory = 19 << 20

const (
	saltLength = 16
	hashLength = 32
)

// maxCost bounds what a stored hash may make us spend.
var maxCost = cost{memory: 64 << 10, passes: 10, lanes: 8}

// HashPassword returns what is stored of a password, in the form
// "$argon2id$v=19$m=19456,t=2,p=1$salt$hash". Each call has a salt of its own.
// It takes HashMemory while it runs; how many run at once is for the caller to bound.
func HashPassword(password string) string {
	salt := make([]byte, saltLength)
	_, _ = rand.Read(salt) // never fails: see its documentation
	return usualCost.text(salt, usualCost.hash(password, salt, hashLength))
}

// HashOfNobody returns what looks like a hash of HashPassword and costs as much to compare a
// password with, and is of none: so nobody is told by the time it takes that an account is not there.
func HashOfNobody() string {
	salt, hash := make([]byte, saltLength), make([]byte, hashLength)
	_, _ = rand.Read(salt)
	_, _ = rand.Read(hash)
	return usualCost.text(salt, hash)
}

// PasswordMatches tells whether a stored hash was made of the password, by
// HashPassword or by another program with argon2id or bcrypt. A hash that cannot be
// read, or that asks for more than this is ready to spend, matches nothing. It costs
// as much as making the hash did.
func PasswordMatches(hash, password string) bool {
	if isBcrypt(hash) {
		return bcryptMatches(hash, password)
	}
	c, salt, want, ok := readHash(hash)
	if !ok {
		return false
	}
	return subtle.ConstantTimeCompare(c.hash(password, salt, uint32(len(want))), want) == 1
}

// HashKnown tells whether a text is a hash that PasswordMatches can check.
func HashKnown(s string) bool {
	if isBcrypt(s) {
		return true
	}
	_, _, _, ok := readHash(s)
	return ok
}

// HashUsual tells whether a hash is as HashPassword makes them. One that is not can be
// made anew when its password is known.
func HashUsual(s string) bool {
	c, salt, hash, ok := readHash(s)
	return ok && c == usualCost && len(salt) == saltLength && len(hash) == hashLength
}

// LooksHashed tells what seems to be a hash, of whatever kind, from a password: it
// begins with the name of its kind between dollar signs, is long and has no blanks.
func LooksHashed(s string) bool {
	const shortest = 30
	rest, begins := strings.CutPrefix(s, "$")
	kind, rest, named := strings.Cut(rest, "$")
	word := func(r rune) bool {
		return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}
	return begins && named && kind != "" && len(s) >= shortest && !strings.ContainsFunc(kind, word) && !strings.ContainsAny(rest, " \t")
}

func (c cost) hash(password string, salt []byte, length uint32) []byte {
	return argon2.IDKey([]byte(password), salt, c.passes, c.memory, c.lanes, length)
}

func (c cost) String() string {
	return fmt.Sprintf("m=%d,t=%d,p=%d", c.memory, c.passes, c.lanes)
}

// phcEncoding is the base64 of the PHC string format.
var phcEncoding = base64.RawStdEncoding.Strict()

func (c cost) text(salt, hash []byte) string {
	return fmt.Sprintf("$argon2id$v=%d$%s$%s$%s", argon2.Version, c, phcEncoding.EncodeToString(salt), phcEncoding.EncodeToString(hash))
}

// readHash reads what text has written, by us or by another program.
func readHash(s string) (c cost, salt, hash []byte, ok bool) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, false
	}
	// Sscanf is lenient; writing again what it has read shows whether that was all.
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil || c.String() != parts[3] {
		return c, nil, nil, false
	}
	if c.memory > maxCost.memory || c.passes < 1 || c.passes > maxCost.passes || c.lanes < 1 || c.lanes > maxCost.lanes {
		return c, nil, nil, false
	}
	salt, err := phcEncoding.DecodeString(parts[4])
	if err != nil || len(salt) < 8 || len(salt) > 64 {
		return c, nil, nil, false
	}
	hash, err = phcEncoding.DecodeString(parts[5])
	if err != nil || len(hash) < 16 || len(hash) > 64 {
		return c, nil, nil, false
	}
	return c, salt, hash, true
}
