//go:build race

package standalone_test

// raced tells that the processes under test are built with the race detector, with
// which they take many times as long and as much memory.
const raced = true
