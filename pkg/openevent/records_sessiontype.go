package openevent

// SessionType is one record of the file "session_types".
type SessionType struct {
	ID   string `oe:"id,id"`
	Name string `oe:"name,wanted"`
	// Length is as found, such as "00:30"; Minutes reads it.
	Length string `oe:"length,length,wanted"`

	_ struct{} `oe:"deleted_at,deleted"`
}

// Minutes returns the length in minutes, and false where it has none that can be read.
func (t SessionType) Minutes() (int, bool) { return ParseLength(t.Length) }
