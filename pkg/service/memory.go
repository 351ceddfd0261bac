package service

import (
	"math"
	"runtime/debug"
)

// softMemory is how much memory, in bytes, a process with stages lets Go take
// before the collector works more often instead. What an import of a million
// sessions needs is below it; without a limit Go would take twice that.
const softMemory = 176 << 20

// limitMemory sets it, unless whoever starts the process has a limit of their
// own by the variable GOMEMLIMIT of the Go runtime. Its value "off" cannot be told
// from none: whoever wants no limit gives a great one.
func limitMemory() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 { // which only asks
		debug.SetMemoryLimit(softMemory)
	}
}
