package openevent

import (
	"strings"
	"unicode"
)

// scheme returns the scheme of an address in lower case, or "".
func scheme(s string) string {
	name, _, ok := strings.Cut(s, ":")
	if !ok || name == "" {
		return ""
	}
	for i := range len(name) {
		c := name[i] | 0x20
		if !('a' <= c && c <= 'z' || i > 0 && (isDigit(name[i]) || name[i] == '+' || name[i] == '-' || name[i] == '.')) {
			return ""
		}
	}
	return strings.ToLower(name)
}

// isWebURL tells whether s is an address that a browser may be sent to.
func isWebURL(s string) bool { return isWeb(s) && !strings.ContainsAny(s, " \t\r\n<>\"") }

// isWeb tells whether s begins as an address of the web does.
func isWeb(s string) bool {
	name := scheme(s)
	switch name {
	case "http", "https", "ftp":
	default:
		return false
	}
	rest, ok := strings.CutPrefix(s[len(name):], "://")
	return ok && rest != ""
}

// isEmail tells whether s has the form of an address: something, "@", a domain
// with a dot.
func isEmail(s string) bool {
	name, domain, ok := strings.Cut(s, "@")
	if !ok || name == "" || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return false
	}
	return strings.Contains(domain, ".") && !strings.Contains("."+domain+".", "..") && !strings.Contains(domain, "@")
}

// beginsWithHost tells whether s looks like an address whose scheme is missing.
func beginsWithHost(s string) bool {
	host, _, _ := strings.Cut(s, "/")
	host, _, _ = strings.Cut(host, ":")
	dot := strings.LastIndexByte(host, '.')
	return dot > 0 && dot < len(host)-1 && !strings.ContainsAny(host, "@?#")
}
