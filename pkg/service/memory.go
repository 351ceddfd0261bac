package service

import (
	"math"
	"runtime/debug"
)

// softMemory is how much memory, in bytes, a process with stages lets Go take
// before the collector works more often instead. What an import of a million
// sessions needs is below it; without a limit Go would take twice that.
const softMemory = 176 << 20

// goGarbage is what Go collects by where nobody says otherwise.
const goGarbage = 100

// garbage is how much garbage, in percent of what is in use, there may be before Go collects
// it, where memory is far from its limit. By Go's own number a process that has little in use
// collects all the time: a fifth of what many imports at once cost.
const garbage = 300

// limitMemory sets both, unless whoever starts the process has a limit of their
// own by the variables GOMEMLIMIT and GOGC of the Go runtime. A value
// that is Go's own, "off" or 100, cannot be told from none: a great limit, or 101, will do.
func limitMemory() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 { // which only asks
		debug.SetMemoryLimit(softMemory)
	}
	if set := debug.SetGCPercent(garbage); set != goGarbage {
		debug.SetGCPercent(set)
	}
}
