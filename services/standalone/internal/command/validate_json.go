package command

import (
	"encoding/json"
	"io"

	"github.com/usher-events/usher/contracts"
)

// validationDocument is what `usher validate --format json` prints.
type validationDocument struct {
	File string `json:"file"`
	Mode string `json:"mode"`
	// OK tells whether the file would be imported.
	OK bool `json:"ok"`
	// Event is the event's name, empty where it cannot be read.
	Event  string                       `json:"event"`
	Counts map[contracts.EntityType]int `json:"counts"`
	Issues []contracts.Issue            `json:"issues"`
	// Found counts all issues, NotShown those that are not listed.
	Found    contracts.IssueCounts `json:"found"`
	NotShown int                   `json:"not_shown"`
	// Note says what could not be looked at.
	Note string `json:"note,omitempty"`
}

func (v *validation) json(w io.Writer) error {
	d := validationDocument{
		File: v.Name, Mode: v.Mode.String(), OK: v.OK(), Event: v.Summary.Event, Counts: v.Summary.Totals,
		Issues: v.Issues, Found: v.Found, NotShown: v.notShown(), Note: v.Note,
	}
	if d.Counts == nil {
		d.Counts = map[contracts.EntityType]int{}
	}
	if d.Issues == nil {
		d.Issues = []contracts.Issue{}
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(d)
}

func (v *validation) notShown() int {
	n := 0
	for _, left := range v.left {
		n += left
	}
	return n
}
