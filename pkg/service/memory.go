package service

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
)

// softMemory is how much memory, in bytes, a process with stages lets Go take
// before the collector works more often instead. What an import of a million
// sessions needs is below it; without a limit Go would take twice that.
const softMemory = 176 << 20

// smallHeap is how large a heap may become, in bytes, before it is worth collecting. Go
// alone goes by what is in use: with little of it a process would collect all the time. A
// heap that is larger may double.
const smallHeap = 40 << 20

// spacious is how many bytes more that is for now.
var spacious atomic.Int64

// Spacious lets the heap of a process become larger by so many bytes before it is worth
// collecting, until the function that it returns is called. It is for work that makes large
// garbage all the time, and may be done many times at once; the memory's limit stays.
func Spacious(bytes int64) (done func()) {
	spacious.Add(bytes)
	return func() { spacious.Add(-bytes) }
}

// goGarbage is how much garbage, in percent of what is in use, there may be before Go
// collects it where nobody says otherwise.
const goGarbage = 100

// limitMemory sees to both, unless whoever starts the process has a limit of their
// own by the variables GOMEMLIMIT and GOGC of the Go runtime. A value
// that is Go's own, "off" or 100, cannot be told from none: a great limit, or 101, will do.
// Services that run in one process share what it has.
var limitMemory = sync.OnceFunc(func() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 { // which only asks
		debug.SetMemoryLimit(softMemory)
	}
	if set := debug.SetGCPercent(goGarbage); set != goGarbage {
		debug.SetGCPercent(set)
		return
	}
	followHeap()
})

// followHeap sets how much garbage there may be, by what the last collection has left, and does
// so again after each.
func followHeap() {
	debug.SetGCPercent(garbage(inUse(), smallHeap+uint64(spacious.Load()))) //nolint:gosec // never negative
	type collected struct{ _ [2]uintptr }                                   // too large to share its memory with something that stays
	runtime.AddCleanup(new(collected), func(struct{}) { followHeap() }, struct{}{})
}

// garbage is how much garbage there may be, in percent of so many bytes in use, where a heap
// of so many is small.
func garbage(inUse, small uint64) int {
	if inUse >= small/2 {
		return goGarbage
	}
	return int((small - inUse) * 100 / max(inUse, 1<<20)) //nolint:gosec // as many as there are mebibytes
}

// inUse is how many bytes the last collection has left.
func inUse() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
