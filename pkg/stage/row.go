package stage

import "encoding/json"

// Key is what every row of an import carries. Together, ImportID and Origin
// say which record of which input the row was made of: they are unique in each
// table, so that making the row again changes it instead of doubling it.
type Key struct {
	ImportID string `bun:"import_id,type:uuid"`
	Attempt  int    `bun:"attempt"`
	// Origin is a stable text: the record's index, or for what is nested in a
	// record "<index>/<place>".
	Origin string `bun:"origin"`
}

// Row is embedded by the rows that have an id of their own.
type Row struct {
	ID int64 `bun:"id,pk,autoincrement"`
	Key
	// SourceID is the id in the input; it may repeat.
	SourceID string `bun:"source_id,nullzero"`
	// Unknown has what the input says and no column is for, an object by key: for
	// whoever exports it again.
	Unknown json.RawMessage `bun:"unknown,type:jsonb"`
}
