package sweep

import (
	"context"
	"time"
)

// maxExamples is how many examples a sweep tells of.
const maxExamples = 5

// Swept is what one sweep has removed, or would remove.
type Swept struct {
	Sweep string `json:"sweep"`
	Count int    `json:"count"`
	Bytes int64  `json:"bytes"`
	// Examples are the first subjects or keys.
	Examples []string `json:"examples"`
}

// round is one sweep being done.
type round struct {
	*Sweeper
	// dry tells to remove nothing.
	dry bool
	// begun is what ages are counted back from.
	begun time.Time
	// since is when database and stream began to know of imports.
	since time.Time
	swept Swept
	// unreadable are the imports of which was told that their request cannot be read.
	unreadable map[string]bool
}

// found counts something that goes.
func (r *round) found(name string, size int64) {
	r.swept.Count++
	r.swept.Bytes += size
	if len(r.swept.Examples) < maxExamples {
		r.swept.Examples = append(r.swept.Examples, name)
	}
}

// removeBlob deletes a blob and counts it.
func (r *round) removeBlob(ctx context.Context, b item) error {
	if !r.dry {
		if err := r.bucket.Delete(ctx, b.name); err != nil {
			return err
		}
	}
	r.found(b.name, b.size)
	return nil
}
