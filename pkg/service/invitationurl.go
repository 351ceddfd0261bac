package service

import "strings"

// InvitationURL returns where people follow an invitation. The token stands behind the
// "#", which no browser sends along: so no server and no proxy on the way logs it.
func (c Config) InvitationURL(token string) string {
	return strings.TrimRight(c.PublicURL, "/") + "/invitation#" + token
}
