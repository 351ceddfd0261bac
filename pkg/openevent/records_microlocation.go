package openevent

// Microlocation is a room, one record of the file "microlocations".
type Microlocation struct {
	ID        string   `oe:"id,id"`
	Name      string   `oe:"name,required"`
	Latitude  *float64 `oe:"latitude"`
	Longitude *float64 `oe:"longitude"`
	Floor     *int64   `oe:"floor"`
	Room      string   `oe:"room"`

	_ struct{} `oe:"deleted_at,deleted"`
}
