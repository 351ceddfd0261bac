//go:build race

package standalone_test

import "testing"

// unraced leaves a test to "make faults": with the race detector its processes take
// many times as long and as much memory, for which it has bounds or no patience.
func unraced(t *testing.T) {
	t.Helper()
	t.Skip("not with the race detector: make faults")
}
