package bench

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// Report is what a run came to.
type Report struct {
	Machine Machine `json:"machine"`
	Tables  []Table `json:"tables"`
}

// Table is a list of measures that belong together.
type Table struct {
	Name     string    `json:"name"`
	Title    string    `json:"title"`
	Measures []Measure `json:"measures"`
	// Notes say how it was measured.
	Notes []string `json:"notes"`
}

// Print writes the report for people.
func (r Report) Print(w io.Writer) error {
	var b strings.Builder
	r.Machine.print(&b)
	for _, t := range r.Tables {
		t.print(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (t Table) print(b *strings.Builder) {
	fmt.Fprintf(b, "\n%s\n\n", t.Title)
	// Writing to a strings.Builder cannot fail.
	columns := tabwriter.NewWriter(b, 0, 0, 3, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprint(columns, "median\tmin\tmax\truns\t\f")
	for _, m := range t.Measures {
		_, _ = fmt.Fprintf(columns, "%s\t%s\t%s\t%d\t   %s\f", m.text(m.Median), m.text(m.Min), m.text(m.Max), len(m.Samples), m.Name)
	}
	_ = columns.Flush()
	for _, note := range t.Notes {
		fmt.Fprintf(b, "  %s\n", note)
	}
}
