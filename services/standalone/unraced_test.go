//go:build !race

package standalone_test

import "testing"

// unraced marks a test that is not for the race detector.
func unraced(*testing.T) {}
