package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A grid has a column for each room, and more of them where sessions of a room
// overlap. It has a row from each moment at which something begins or ends to the
// next one, so that it is as long as its sessions and not as the day.
//
// The list of sessions in the page is the grid: the style says which cell each
// has, on screens that are wide enough. So there is one list for everybody, in
// the order of time, and no session stands in the page twice.

// unknownLength is what a session takes up in the grid that has no end.
const unknownLength = 30 * time.Minute

// Rows are as high as they are long, but between these: a text fits, and a night is short.
const (
	highest   = time.Hour
	remPerMin = 0.09
)

// room is a heading of the grid.
type room struct{ Name, Place string }

// place gives each session of a day its cell, and returns the headings of the
// columns. Classes say the lines of the grid at which a cell begins and ends: c is
// the column, w how many there are, r and e the rows. The slots get theirs, too.
func (p *programme) place(d *day, rows []sessionRow) {
	lines := moments(rows)
	line := func(at time.Time) int {
		i, _ := slices.BinarySearchFunc(lines, at, time.Time.Compare)
		return i + 2 // behind the headings
	}

	// The rooms in their order; none at all is the last one.
	var rooms []int64
	for _, row := range rows {
		if id := p.roomOf(row); !slices.Contains(rooms, id) {
			rooms = append(rooms, id)
		}
	}
	slices.SortFunc(rooms, func(a, b int64) int { return p.rank(a) - p.rank(b) })

	lanes := make([][]time.Time, len(rooms)) // of each room, until when each of its columns is taken
	at := make([]struct{ room, lane int }, len(rows))
	for i, row := range rows {
		r := slices.Index(rooms, p.roomOf(row))
		lane := slices.IndexFunc(lanes[r], func(until time.Time) bool { return !until.After(row.StartsAt) })
		if lane < 0 {
			lane = len(lanes[r])
			lanes[r] = append(lanes[r], time.Time{})
		}
		lanes[r][lane] = endOf(row)
		at[i].room, at[i].lane = r, lane
	}

	first := make([]int, len(rooms)+1) // the line at which each room begins; the first column has the times
	first[0] = 2
	for i, l := range lanes {
		first[i+1] = first[i] + len(l)
		name := p.rooms[rooms[i]]
		if name == "" {
			name = "No room yet"
		}
		d.Rooms = append(d.Rooms, room{name, fmt.Sprintf("c%d w%d", first[i], len(l))})
		p.rules.widths = max(p.rules.widths, len(l))
	}
	i := 0
	for s := range d.Slots {
		begin := rows[i].StartsAt
		for n := range d.Slots[s].Sessions {
			row := rows[i]
			d.Slots[s].Sessions[n].Place = fmt.Sprintf("c%d r%d e%d", first[at[i].room]+at[i].lane, line(row.StartsAt), line(endOf(row)))
			i++
		}
		end := lines[len(lines)-1]
		if i < len(rows) {
			end = rows[i].StartsAt
		}
		d.Slots[s].Place = fmt.Sprintf("r%d e%d", line(begin), line(end))
	}
	p.rules.columns = max(p.rules.columns, first[len(rooms)])
	p.rules.rows = max(p.rules.rows, len(lines)+1)

	d.Grid = "g" + strconv.Itoa(p.rules.grids)
	p.rules.grids++
	fmt.Fprintf(&p.rules.templates, ".%s{grid-template-columns:4.5rem repeat(%d,minmax(11rem,1fr));grid-template-rows:auto", d.Grid, first[len(rooms)]-2)
	for i := range lines[1:] {
		fmt.Fprintf(&p.rules.templates, " minmax(%.4grem,auto)", min(lines[i+1].Sub(lines[i]), highest).Minutes()*remPerMin)
	}
	p.rules.templates.WriteByte('}')
}

// rules count what the grids of a page need in its style.
type rules struct {
	columns, widths, rows, grids int
	templates                    strings.Builder
}

// write writes them for screens that are wide enough for a grid.
func (r *rules) write(b *strings.Builder) {
	if r.grids == 0 {
		return
	}
	b.WriteString("@media screen and (min-width:60rem){")
	b.WriteString(r.templates.String())
	for c := 2; c < r.columns; c++ {
		fmt.Fprintf(b, ".c%d{grid-column:%d}", c, c)
	}
	for w := 2; w <= r.widths; w++ {
		fmt.Fprintf(b, ".w%d{grid-column-end:span %d}", w, w)
	}
	for l := 2; l <= r.rows; l++ {
		fmt.Fprintf(b, ".r%d{grid-row-start:%d}.e%d{grid-row-end:%d}", l, l, l, l)
	}
	b.WriteByte('}')
}

// moments are the times at which a session begins or ends, each once.
func moments(rows []sessionRow) []time.Time {
	all := make([]time.Time, 0, 2*len(rows))
	for _, row := range rows {
		all = append(all, row.StartsAt, endOf(row))
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

func endOf(row sessionRow) time.Time {
	if !row.EndsAt.After(row.StartsAt) {
		return row.StartsAt.Add(unknownLength)
	}
	return row.EndsAt
}

// roomOf is the room of a session, 0 where it has none that is known.
func (p *programme) roomOf(row sessionRow) int64 {
	if _, ok := p.rooms[row.MicrolocationID]; !ok {
		return 0
	}
	return row.MicrolocationID
}

// rank is the place of a room among all.
func (p *programme) rank(id int64) int {
	if at, ok := p.order[id]; ok {
		return at
	}
	return len(p.order)
}
