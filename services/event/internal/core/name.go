package core

import "strings"

// maxName is how many bytes of an event's name go with messages. The row has all
// of it, but each message of the import repeats it, and a record may hold more
// than the broker takes in one.
const maxName = 1024

// carriedName is the name of an event as messages tell it.
func carriedName(name string) string {
	if len(name) <= maxName {
		return name
	}
	const ellipsis = "…"
	return strings.ToValidUTF8(name[:maxName-len(ellipsis)], "") + ellipsis
}
