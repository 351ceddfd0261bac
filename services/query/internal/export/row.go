package export

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// row is what all rows of an event have in common.
type row struct {
	ID int64
	// Unknown has what the archive said that the row came from and no column is for.
	Unknown json.RawMessage `bun:"type:jsonb"`
	// Files are those that the row names.
	Files []file `bun:",scanonly,type:json"`
}

// id is the row's in the archive: there it is told from all others of its file.
func (r *row) id() string { return strconv.FormatInt(r.ID, 10) }

func (r *row) common() *row { return r }

// extra is Unknown as records have it.
func (r *row) extra() (map[string]json.RawMessage, error) {
	if len(r.Unknown) == 0 {
		return nil, nil //nolint:nilnil // nothing is unknown
	}
	var extra map[string]json.RawMessage
	if err := json.Unmarshal(r.Unknown, &extra); err != nil {
		return nil, fmt.Errorf("unknown keys of row %d: %w", r.ID, err)
	}
	return extra, nil
}
