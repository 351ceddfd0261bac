package edit

import (
	"encoding/json"

	"github.com/usher-events/usher/pkg/openevent"
)

// html reads a text with markup, and cleans it as that of an archive is.
func html(raw json.RawMessage) (any, error) {
	v, err := text(maxHTML)(raw)
	s, ok := v.(string)
	if err != nil || !ok {
		return v, err
	}
	return openevent.CleanHTML(s), nil
}
