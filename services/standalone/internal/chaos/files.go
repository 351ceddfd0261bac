package chaos

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// blobs are the files of a bucket by import: what was uploaded, media and what
// was derived from it, and archives of events.
type blobs struct {
	uploads, media, exports map[string][]string
	// unfinished are what processes left that were killed while they wrote.
	unfinished int
}

// blobsOf lists the bucket.
func (w *world) blobsOf() (blobs, error) {
	b := blobs{uploads: make(map[string][]string), media: make(map[string][]string), exports: make(map[string][]string)}
	err := fs.WalkDir(os.DirFS(w.blobs()), ".", func(key string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		sort, rest, _ := strings.Cut(key, "/")
		importID, _, _ := strings.Cut(rest, "/")
		switch {
		case strings.HasSuffix(key, ".tmp"):
			b.unfinished++
		case sort == "archives":
			b.uploads[importID] = append(b.uploads[importID], key)
		case sort == "exports":
			b.exports[importID] = append(b.exports[importID], key)
		default:
			b.media[importID] = append(b.media[importID], key)
		}
		return nil
	})
	return b, err
}

// storedFile is a row of media.files that says that its file is there.
type storedFile struct {
	Import, Blob, Sha256 string
	Size                 int64
}

func (w *world) storedFiles(ctx context.Context) ([]storedFile, error) {
	var rows []storedFile
	err := w.db.NewRaw(`SELECT import_id AS import, blob, sha256, size FROM media.files WHERE state = 'stored'`).Scan(ctx, &rows)
	return rows, err
}

// fault is what is wrong with the file of a row, empty where nothing is.
func (w *world) fault(f storedFile) (string, error) {
	file, err := os.Open(filepath.Join(w.blobs(), filepath.FromSlash(f.Blob)))
	if errors.Is(err, fs.ErrNotExist) {
		return f.Blob + " is stored and not there", nil
	}
	if err != nil {
		return "", err
	}
	defer file.Close() //nolint:errcheck // it was only read
	sum := sha256.New()
	size, err := io.Copy(sum, file)
	if err != nil {
		return "", err
	}
	if size != f.Size || hex.EncodeToString(sum.Sum(nil)) != f.Sha256 {
		return fmt.Sprintf("%s has other bytes than its row says", f.Blob), nil
	}
	return "", nil
}
