package command

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

// table prints rows under each other. Nothing in a cell steers the terminal, and an
// empty one is a dash.
type table struct{ out *tabwriter.Writer }

func newTable(w io.Writer, titles ...string) table {
	t := table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
	t.row(titles...)
	return t
}

func (t table) row(cells ...string) {
	for i, cell := range cells {
		cells[i] = client.Line(cmp.Or(cell, "-"))
	}
	fmt.Fprintln(t.out, strings.Join(cells, "\t")) //nolint:errcheck // flush tells
}

// flush prints what was not printed yet, and tells the first error of all.
func (t table) flush() error { return t.out.Flush() }
