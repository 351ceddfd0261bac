package bench

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/openevent"
	"github.com/usher-events/usher/services/standalone/internal/sample"
)

// archive is a made-up archive, held in memory.
type archive struct {
	content []byte
	// records is how many objects its files list.
	records int
	// media are its other files.
	media [][]byte
	// text says what is in it.
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

// newArchive makes one. With photographs at the default size these are about 200 files
// of together 4.5 MB.
func newArchive(sessions, speakers int, media sample.Media) (archive, error) {
	var b bytes.Buffer
	if err := sample.Write(&b, sample.Config{Sessions: sessions, Speakers: speakers, Seed: 16, Media: media}); err != nil {
		return archive{}, err
	}
	a := archive{content: b.Bytes()}
	found, err := checkOnce(a.content)
	if err != nil {
		return archive{}, err
	}
	a.records = recordsOf(found)
	files, err := zip.NewReader(bytes.NewReader(a.content), int64(len(a.content)))
	if err != nil {
		return archive{}, err
	}
	size := 0
	for _, f := range files.File {
		if !strings.Contains(f.Name, "/") {
			continue
		}
		content, err := fs.ReadFile(files, f.Name)
		if err != nil {
			return archive{}, err
		}
		a.media, size = append(a.media, content), size+len(content)
	}
	a.text = fmt.Sprintf("%d records", a.records)
	if len(a.media) > 0 {
		a.text += fmt.Sprintf(" and %d media files of %.1f MB", len(a.media), float64(size)/1e6)
	}
	return a, nil
}

// recordsOf is how many of what an archive becomes stand in it as objects of their own.
func recordsOf(found openevent.Summary) int {
	records := 0
	for _, of := range []contracts.EntityType{
		contracts.Events, contracts.Microlocations, contracts.Sponsors, contracts.Speakers,
		contracts.Tracks, contracts.SessionTypes, contracts.Sessions,
	} {
		records += found.Totals[of]
	}
	return records
}
