package auth

import (
	"golang.org/x/crypto/bcrypt"
)

// maxBcrypt bounds what a stored hash of bcrypt may make us spend: two or three
// seconds of a core.
const maxBcrypt = 15

// isBcrypt tells whether a text is a hash of bcrypt that can be checked at a cost
// that this is ready to spend. $2x$ is none: it marks those of a faulty program.
func isBcrypt(s string) bool {
	const length = 60
	if len(s) != length || s[:2] != "$2" || s[3] != '$' || s[2] != 'a' && s[2] != 'b' && s[2] != 'y' {
		return false
	}
	cost, err := bcrypt.Cost([]byte(s))
	return err == nil && cost >= bcrypt.MinCost && cost <= maxBcrypt && isBcryptText(s[7:])
}

// isBcryptText tells whether salt and hash are of bcrypt's own alphabet.
func isBcryptText(s string) bool {
	for _, r := range s {
		if (r < '.' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return false
		}
	}
	return true
}

// bcryptMatches tells whether a hash that isBcrypt knows was made of the password.
func bcryptMatches(hash, password string) bool {
	return bcrypt.CompareHashAndPassword([]byte(hash), []byte(password)) == nil
}
