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

func isEmail(s string) bool {
	return len(s) <= MaxEmail && (isPlainEmail(s) || isStandardEmail(s))
}

// isStandardEmail tells an address from what net/mail puts up with beside it: names,
// comments, quotes, and a host that is none.
func isStandardEmail(s string) bool {
	address, err := mail.ParseAddress(s)
	if err != nil || address.Name != "" || address.Address != s {
		return false
	}
	local, domain, _ := strings.Cut(s, "@")
	hidden := func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) || unseen(r) }
	return len(local) <= maxLocal && !strings.ContainsFunc(s, hidden) && isDomain(domain)
}

// maxLocal, maxDomain and maxLabel are how many bytes may stand before the "@", behind it,
// and between two dots there.
const (
	maxLocal  = 64
	maxDomain = 253
	maxLabel  = 63
)

// isPlainEmail tells an address of Latin letters and digits with single signs between
// them. Nearly all are, and the libraries find nothing wrong with those, but take
// twenty times as long for it.
func isPlainEmail(s string) bool {
	local, domain, _ := strings.Cut(s, "@")
	if len(local) > maxLocal || len(domain) > maxDomain || !isWords(local, "._-+") || !isWords(domain, ".-") {
		return false
	}
	labels := 0
	for label := range strings.SplitSeq(domain, ".") {
		if len(label) > maxLabel {
			return false
		}
		labels++
	}
	return labels > 1
}

// isWords tells words of Latin letters and digits with one of the signs between any two.
func isWords(s, signs string) bool {
	inWord := false
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
			inWord = true
		case inWord && strings.IndexByte(signs, c) >= 0:
			inWord = false
		default:
			return false
		}
	}
	return inWord
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
