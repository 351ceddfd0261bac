package chaos

import (
	"fmt"
	"slices"
)

// Quantity is something that was looked at again and again.
type Quantity struct {
	Name, Unit string
	// Samples are its values, and Imports how many imports there had been by then.
	Samples []float64
	Imports []int
	// Slack is how much it may grow without being called growing, beside a tenth of what it is.
	Slack float64
	// Remembered is how much each import may leave for good; 0 is nothing.
	Remembered float64
}

// mayGrow is the part of what there is by which it may seem to grow: allocators and
// collectors give back late.
const mayGrow = 0.1

// Flat tells that it does not grow, or by no more than is remembered of imports.
func (q Quantity) Flat() bool {
	return q.Growth() <= max(q.Slack, mayGrow*q.Median())+q.Remembered*float64(q.imports())
}

// Growth is by how much it has grown from the first to the last look, as told by the line
// that fits all of them best: what goes up and down is not what grows.
func (q Quantity) Growth() float64 {
	n := float64(len(q.Samples))
	if n < 2 {
		return 0
	}
	var sumX, sumY, sumXX, sumXY float64
	for i, y := range q.Samples {
		x := float64(i)
		sumX, sumY, sumXX, sumXY = sumX+x, sumY+y, sumXX+x*x, sumXY+x*y
	}
	return (n*sumXY - sumX*sumY) / (n*sumXX - sumX*sumX) * (n - 1)
}

// PerImport is its growth for each import.
func (q Quantity) PerImport() float64 { return q.Growth() / float64(max(1, q.imports())) }

// Median is the value that half of the others are below.
func (q Quantity) Median() float64 {
	if len(q.Samples) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(q.Samples))
	return sorted[len(sorted)/2]
}

// imports is how many there were from the first to the last look.
func (q Quantity) imports() int {
	if len(q.Imports) == 0 {
		return 0
	}
	return q.Imports[len(q.Imports)-1] - q.Imports[0]
}

func (q Quantity) text(value float64) string { return fmt.Sprintf("%.1f %s", value, q.Unit) }
