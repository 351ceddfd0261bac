package bench

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"

	"github.com/usher-events/usher/services/standalone/internal/sample"
)

// fossasia16 has the size of a real event of several days: 493 sessions, 187
// speakers and, with photographs, about 200 files of together 5 MB.
var fossasia16 = sample.Config{Sessions: 493, Speakers: 187, Seed: 16}

// archive is a made-up archive, held in memory.
type archive struct {
	content []byte
	// text says what is in it beside the records.
	text string
}

func newArchive(media sample.Media) (archive, error) {
	cfg := fossasia16
	cfg.Media = media
	var b bytes.Buffer
	if err := sample.Write(&b, cfg); err != nil {
		return archive{}, err
	}
	a := archive{content: b.Bytes(), text: "no media"}
	files, err := zip.NewReader(bytes.NewReader(a.content), int64(len(a.content)))
	if err != nil {
		return archive{}, err
	}
	count, size := 0, uint64(0)
	for _, f := range files.File {
		if strings.Contains(f.Name, "/") {
			count, size = count+1, size+f.UncompressedSize64
		}
	}
	if count > 0 {
		a.text = fmt.Sprintf("%d media files of %.1f MB", count, float64(size)/1e6)
	}
	return a, nil
}
