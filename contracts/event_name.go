package contracts

import "strings"

// maxEventName is how many bytes of an event's name go with messages. Its row has all of
// it, but each message of an import or an export repeats it, and a record may hold more
// than the broker takes in one.
const maxEventName = 1024

// EventName is the name of an event as messages tell it.
func EventName(name string) string {
	if len(name) <= maxEventName {
		return name
	}
	const ellipsis = "…"
	return strings.ToValidUTF8(name[:maxEventName-len(ellipsis)], "") + ellipsis
}
