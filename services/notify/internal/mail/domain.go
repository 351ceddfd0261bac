package mail

import (
	"net/mail"
	"strings"
)

// Domain is the domain of the sender's address, which ends the Message-IDs. They follow
// otherwise from what a mail tells of, so that a mail that has to be sent again is the
// same mail to every server and client on its way.
func Domain(from string) string {
	address, err := mail.ParseAddress(from)
	if err != nil {
		return "localhost" // the settings were checked at the start
	}
	return address.Address[strings.LastIndexByte(address.Address, '@')+1:]
}
