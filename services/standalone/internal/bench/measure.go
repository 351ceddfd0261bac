package bench

import (
	"fmt"
	"slices"
	"time"
)

// Measure is one quantity, measured several times.
type Measure struct {
	Name string `json:"name"`
	// Unit is "ms", "MB/s", "MiB", or "x" for how many times one thing is another.
	Unit    string    `json:"unit"`
	Median  float64   `json:"median"`
	Min     float64   `json:"min"`
	Max     float64   `json:"max"`
	Samples []float64 `json:"samples"`
}

// newMeasure sums samples up, of which there is at least one.
func newMeasure(name, unit string, samples []float64) Measure {
	sorted := slices.Sorted(slices.Values(samples))
	middle := len(sorted) / 2
	median := sorted[middle]
	if len(sorted)%2 == 0 {
		median = (sorted[middle-1] + median) / 2
	}
	return Measure{
		Name: name, Unit: unit, Samples: samples,
		Median: median, Min: sorted[0], Max: sorted[len(sorted)-1],
	}
}

// durations is a measure of times, in milliseconds.
func durations(name string, times []time.Duration) Measure {
	samples := make([]float64, len(times))
	for i, t := range times {
		samples[i] = float64(t.Microseconds()) / 1000
	}
	return newMeasure(name, "ms", samples)
}

// ratios tells how many times longer the one took than the other, pair by pair:
// what slows the machine down slows both of a pair.
func ratios(name string, longer, shorter Measure) Measure {
	samples := make([]float64, len(longer.Samples))
	for i := range samples {
		samples[i] = longer.Samples[i] / shorter.Samples[i]
	}
	return newMeasure(name, "x", samples)
}

func (m Measure) text(v float64) string {
	if m.Unit != "x" && v >= 10 {
		return fmt.Sprintf("%.0f %s", v, m.Unit)
	}
	return fmt.Sprintf("%.1f %s", v, m.Unit)
}
