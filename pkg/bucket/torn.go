package bucket

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"path/filepath"
	"strings"
)

// tornSuffix ends the name that a file has in a folder until it is complete, which
// no key of ours does.
const tornSuffix = ".tmp"

// IsTorn tells whether what has this key is, in a folder, the beginning of a blob
// that is being stored, or that a process was storing when it died.
func IsTorn(key string) bool { return strings.HasSuffix(key, tornSuffix) }

// Torn gives all that IsTorn of what Usher stores. Only a folder has any.
func (b *Bucket) Torn(ctx context.Context) iter.Seq2[Listed, error] {
	return func(yield func(Listed, error) bool) {
		if b.root == "" {
			return
		}
		err := filepath.WalkDir(b.root, func(path string, entry fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil // gone meanwhile
			}
			if err != nil || ctx.Err() != nil {
				return errors.Join(err, ctx.Err())
			}
			key, err := filepath.Rel(b.root, path)
			if err != nil {
				return err
			}
			key = filepath.ToSlash(key)
			switch ours := isOurs(key); {
			case entry.IsDir() && key != "." && !ours:
				return fs.SkipDir
			case entry.IsDir() || !ours || !IsTorn(key):
				return nil
			}
			info, err := entry.Info()
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil {
				return err
			}
			if !yield(Listed{Key: key, Size: info.Size(), Time: info.ModTime()}, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(Listed{}, failure(ctx, "list", b.root, err))
		}
	}
}

// isOurs tells whether a key, or the folder of some, is one that Usher gives.
func isOurs(key string) bool {
	for _, below := range prefixes {
		if strings.HasPrefix(key+"/", below) {
			return true
		}
	}
	return strings.HasPrefix(key, probeKey+".")
}
