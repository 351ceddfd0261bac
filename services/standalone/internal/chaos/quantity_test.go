package chaos

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// sampled is a quantity of so many looks.
func sampled(n int, value func(i int) float64) Quantity {
	var q Quantity
	for i := range n {
		q.Samples, q.Imports = append(q.Samples, value(i)), append(q.Imports, 10*i)
	}
	return q
}

func TestWhatGoesUpAndDownIsFlatAndWhatClimbsIsNot(t *testing.T) {
	t.Parallel()
	saw := sampled(60, func(i int) float64 { return 100 + float64(i%10) })
	require.True(t, saw.Flat(), saw.Growth())
	climbing := sampled(60, func(i int) float64 { return 100 + float64(i%10) + float64(i)/2 })
	require.False(t, climbing.Flat())
	require.InDelta(t, 59.0/2, climbing.Growth(), 2)
	falling := sampled(60, func(i int) float64 { return 100 - float64(i) })
	require.True(t, falling.Flat())
}

func TestWhatIsRememberedOfImportsMayGrowWithThem(t *testing.T) {
	t.Parallel()
	q := sampled(11, func(i int) float64 { return float64(i) * 20 }) // two for each import
	require.False(t, q.Flat())
	require.InDelta(t, 2, q.PerImport(), 1e-9)
	q.Remembered = 2
	require.True(t, q.Flat())
	q.Remembered = 1
	require.False(t, q.Flat())
}

func TestLittleThatDoublesIsFlatWithinItsSlack(t *testing.T) {
	t.Parallel()
	q := sampled(11, func(i int) float64 { return 5 + float64(i)/2 })
	require.False(t, q.Flat())
	q.Slack = 6
	require.True(t, q.Flat())
}
