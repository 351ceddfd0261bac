package bench

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/usher-events/usher/services/standalone/internal/sample"
)

// archive is a made-up archive, held in memory.
type archive struct {
	content []byte
	// text says what is in it beside the records.
	text string
}

// unpacked is how many bytes the files of a zip have together.
func unpacked(r io.ReaderAt, size int64) (int64, error) {
	files, err := zip.NewReader(r, size)
	if err != nil {
		return 0, err
	}
	total := int64(0)
	for _, f := range files.File {
		total += int64(f.UncompressedSize64)
	}
	return total, nil
}

// newArchive makes one of the size that is asked for. At the default size its
// photographs are about 200 files of together 4.5 MB.
func newArchive(cfg Config, media sample.Media) (archive, error) {
	var b bytes.Buffer
	if err := sample.Write(&b, sample.Config{Sessions: cfg.Sessions, Speakers: cfg.Speakers, Seed: 16, Media: media}); err != nil {
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
