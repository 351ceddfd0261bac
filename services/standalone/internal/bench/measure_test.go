package bench

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMeasureHasMedianAndEnds(t *testing.T) {
	t.Parallel()
	odd := durations("odd", []time.Duration{30 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond})
	require.Equal(t, []float64{20, 10, 30}, []float64{odd.Median, odd.Min, odd.Max})
	require.Equal(t, []float64{30, 10, 20}, odd.Samples, "as they were measured")
	even := newMeasure("even", "x", []float64{4, 1, 3, 2})
	require.Equal(t, []float64{2.5, 1, 4}, []float64{even.Median, even.Min, even.Max})
}

func TestRatiosAreThoseOfPairs(t *testing.T) {
	t.Parallel()
	longer := newMeasure("longer", "ms", []float64{100, 900, 300})
	shorter := newMeasure("shorter", "ms", []float64{10, 300, 100})
	require.Equal(t, []float64{10, 3, 3}, ratios("ratio", longer, shorter).Samples)
}
