package userlist

import (
	"net/mail"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

func emailFault(email string) *Fault {
	if email == "" {
		return &Fault{Email, CodeEmailMissing, "The e-mail address is missing", "Every user needs an e-mail address of their own."}
	}
	if !isEmail(email) {
		return &Fault{Email, CodeEmailInvalid, "This is not an e-mail address", "It must be like name@example.org, and nothing else."}
	}
	return nil
}

// isEmail tells an address from what net/mail puts up with beside it: names,
// comments, quotes, and a host that is none.
func isEmail(s string) bool {
	if len(s) > MaxEmail {
		return false
	}
	address, err := mail.ParseAddress(s)
	if err != nil || address.Name != "" || address.Address != s {
		return false
	}
	local, domain, _ := strings.Cut(s, "@")
	hidden := func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) || unseen(r) }
	return len(local) <= 64 && !strings.ContainsFunc(s, hidden) && isDomain(domain)
}

// domains checks a name as those do who register it, international ones included,
// but for a script's own rules on which of its letters may follow each other: hosts
// that break them do exist.
var domains = idna.New(
	idna.ValidateForRegistration(), idna.StrictDomainName(true), idna.CheckHyphens(true), idna.VerifyDNSLength(true), idna.BidiRule(),
)

// isDomain tells whether a host of the web can be called so: a name with a dot in it.
func isDomain(s string) bool {
	if !strings.Contains(s, ".") {
		return false
	}
	if !isASCII(s) {
		s = norm.NFC.String(s)
	}
	_, err := domains.ToASCII(strings.ToLower(s))
	return err == nil
}
