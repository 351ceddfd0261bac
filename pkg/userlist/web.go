package userlist

import (
	"net/url"
	"strings"
	"unicode"
)

// maxWeb is how many characters an address of the web may have.
const maxWeb = 255

func webFault(address string) *Fault {
	if address == "" {
		return nil
	}
	if fault := textFault(Web, address, maxWeb); fault != nil {
		return fault
	}
	u, err := url.Parse(address)
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil && !strings.ContainsFunc(address, unicode.IsSpace) {
		return nil
	}
	return &Fault{Web, CodeWebInvalid, "This is not an address of the web", "It must be like https://example.org."}
}
