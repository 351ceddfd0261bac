package openevent

import "cmp"

// Limits bound what an archive may ask of its reader. The zero value of each
// field stands for its default.
type Limits struct {
	// Entries is how many entries the zip may have: 100,000.
	Entries int
	// Unpacked is the size of all entries together, in bytes: 16 GiB.
	Unpacked int64
	// Ratio is how many bytes one compressed byte may become: 200. It holds
	// for each entry beyond its first RatioFrom bytes.
	Ratio int64
	// RatioFrom is from how many unpacked bytes on the ratio counts: 16 MiB.
	RatioFrom int64
	// Record is the size of one record as it stands in the file, in bytes: 16 MiB.
	Record int
	// Depth is how deep JSON may nest, the file's own list included: 64.
	Depth int
	// Media is the size of one media file, in bytes: 2 GiB.
	Media int64
}

// DefaultLimits are those that the zero Limits stands for.
func DefaultLimits() Limits { return Limits{}.withDefaults() }

// withDefaults fills in what is zero.
func (l Limits) withDefaults() Limits {
	const mib = 1 << 20
	l.Entries = cmp.Or(l.Entries, 100_000)
	l.Unpacked = cmp.Or(l.Unpacked, 16<<10*mib)
	l.Ratio = cmp.Or(l.Ratio, 200)
	l.RatioFrom = cmp.Or(l.RatioFrom, 16*mib)
	l.Record = cmp.Or(l.Record, 16*mib)
	l.Depth = cmp.Or(l.Depth, 64)
	l.Media = cmp.Or(l.Media, 2<<10*mib)
	return l
}
