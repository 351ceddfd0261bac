package rowbyrow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// storeMedia brings the files into the folder, one after the other.
func (r *run) storeMedia(ctx context.Context) error {
	folder := filepath.Join(r.folder, r.id)
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	for n, ref := range r.media {
		name := filepath.Join(folder, fmt.Sprint(n))
		size, sum, err := r.write(name, ref.Value)
		if err != nil {
			return fmt.Errorf("media %q: %w", ref.Value, err)
		}
		row := &row{}
		row.set("import_id", r.id)
		row.set("attempt", 1)
		row.set("origin", fmt.Sprintf("%s/%s/%s", ref.of, ref.origin, ref.Field))
		row.set("owner_type", string(ref.of))
		row.set("owner_id", ref.owner)
		row.set("field", ref.Field)
		row.set("kind", string(ref.Kind))
		row.set("path", ref.Value)
		row.set("state", "stored")
		row.set("blob", name)
		row.set("size", size)
		row.set("sha256", sum)
		if _, err := r.store(ctx, "files", fmt.Sprintf("Uploading media (%d/%d)", n+1, len(r.media)), row); err != nil {
			return err
		}
	}
	return nil
}

// write makes a durable copy of a file of the archive.
func (r *run) write(name, path string) (size int64, sum string, err error) {
	media, ok := r.archive.Media(path)
	if !ok {
		return 0, "", errors.New("it is not in the archive")
	}
	from, err := media.Open()
	if err != nil {
		return 0, "", err
	}
	defer from.Close()
	to, err := os.Create(name)
	if err != nil {
		return 0, "", err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	hash := sha256.New()
	if size, err = io.Copy(io.MultiWriter(to, hash), from); err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(hash.Sum(nil)), to.Sync()
}
