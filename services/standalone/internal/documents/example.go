package documents

import (
	"bytes"

	"github.com/usher-events/usher/services/standalone/internal/sample"
)

// example is an archive that shows every file of the format and is small enough
// to be read by people.
func example() ([]byte, error) {
	var b bytes.Buffer
	err := sample.Write(&b, sample.Config{Sessions: 6, Speakers: 5, Seed: 1})
	return b.Bytes(), err
}
