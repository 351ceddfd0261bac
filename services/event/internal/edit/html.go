package edit

import "encoding/json"

// html reads a text with markup; it is cleaned as that of an archive is.
func html(raw json.RawMessage) (any, error) { return text(maxHTML)(raw) }
