package userlist

import (
	"fmt"
	"unicode/utf8"

	"github.com/usher-events/usher/pkg/auth"
)

// takePassword takes what stands in the place of a password: a hash that another
// program has made of one, or the password itself.
func (u *User) takePassword(text string) *Fault {
	switch {
	case auth.HashKnown(text):
		u.PasswordHash = text
	case auth.LooksHashed(text):
		// As a password it would only let in who has read the list.
		return &Fault{
			Password, CodeHashUnknown, "This looks like the hash of a password, of a kind that is not known or too costly to check",
			"Give hashes of bcrypt or argon2id as $2a$, $2b$, $2y$ or $argon2id$; else leave it empty, and invite the user.",
		}
	default:
		u.Password = text
	}
	return nil
}

// FaultOfPassword returns what is wrong with a password that somebody chooses for
// an account, or nil. It is the password itself, whatever it looks like.
func (r Rules) FaultOfPassword(password string) *Fault {
	r.Invite = false
	return r.passwordFault(User{Password: password})
}

func (r Rules) passwordFault(u User) *Fault {
	least := max(r.MinPassword, MinPassword)
	switch {
	case u.PasswordHash != "":
		return nil
	case u.Password == "":
		if !r.needs(Password) {
			return nil
		}
		return &Fault{Password, CodePasswordMissing, "The password is missing", "Every user needs a password."}
	case utf8.RuneCountInString(u.Password) < least:
		return &Fault{
			Password, CodePasswordTooShort, fmt.Sprintf("The password has fewer than %d characters", least),
			fmt.Sprintf("Choose one of at least %d characters.", least),
		}
	case len(u.Password) > MaxPassword:
		return &Fault{Password, CodeTooLong, fmt.Sprintf("The password has more than %d bytes", MaxPassword), "Choose a shorter one."}
	}
	return nil
}
