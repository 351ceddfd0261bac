package backup

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
)

// SaveFolder writes a folder that nobody uses into a new file, a tar with gzip: whole, or
// not at all. Sockets stay behind.
func SaveFolder(folder, file string) error {
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("backup: %s is there already", file)
	}
	f, err := os.OpenFile(file+unfinished, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) // it has keys and personal data in it
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	return finish(f, file, pack(folder, f))
}

func pack(folder string, w io.Writer) error {
	// Most of it are media, which are packed already.
	packed, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(packed)
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // it was only read
	err = fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil || !info.IsDir() && !info.Mode().IsRegular() {
			return err
		}
		header, err := tar.FileInfoHeader(info, "")
		if err != nil {
			return err
		}
		header.Name, header.Format = name, tar.FormatPAX
		if err := archive.WriteHeader(header); err != nil || info.IsDir() {
			return err
		}
		content, err := root.Open(name)
		if err != nil {
			return err
		}
		_, err = io.Copy(archive, content)
		return errors.Join(err, content.Close())
	})
	return errors.Join(err, archive.Close(), packed.Close())
}

// RestoreFolder makes a folder of such a file. It must not be there yet, and is there as a
// whole or not at all.
func RestoreFolder(file, folder string) error {
	if entries, err := os.ReadDir(folder); err == nil && len(entries) > 0 {
		return fmt.Errorf("restore: %s is there already: a restore never writes over anything", folder)
	}
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	made := filepath.Clean(folder) + unfinished
	if err := os.RemoveAll(made); err != nil { // of a restore that was killed
		return fmt.Errorf("restore: %w", err)
	}
	err = os.Mkdir(made, 0o755) //nolint:gosec // as Folder.make says
	if err == nil {
		err = unpack(f, made)
	}
	if err == nil {
		_ = os.Remove(folder) // which may be there and empty
		err = os.Rename(made, folder)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(filepath.Clean(folder)))
	}
	if err != nil {
		return fmt.Errorf("restore of %s: %w", file, errors.Join(err, os.RemoveAll(made)))
	}
	return nil
}

// unpack makes the files of an archive. Nothing in it leads out of the folder.
func unpack(r io.Reader, folder string) error {
	packed, err := gzip.NewReader(r)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // each file was closed before
	archive := tar.NewReader(packed)
	var folders []*tar.Header
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if header.Typeflag == tar.TypeDir {
			folders = append(folders, header)
			if err := root.MkdirAll(header.Name, 0o700); err != nil {
				return err
			}
			continue
		}
		if err := write(root, header, archive); err != nil {
			return err
		}
	}
	// What is behind the last entry has the checksum of all before.
	if _, err := io.Copy(io.Discard, packed); err != nil {
		return err
	}
	for _, header := range folders {
		if err := errors.Join(own(root, header), root.Chmod(header.Name, header.FileInfo().Mode().Perm())); err != nil {
			return err
		}
		if err := syncFolder(filepath.Join(folder, header.Name)); err != nil {
			return err
		}
	}
	return nil
}

func write(root *os.Root, header *tar.Header, content io.Reader) error {
	f, err := root.OpenFile(header.Name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, header.FileInfo().Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Sync(), f.Close(), own(root, header))
}

// own gives a file to whom it belonged, by name where there is such a user, as tar does:
// the database of root runs as another one.
func own(root *os.Root, header *tar.Header) error {
	if os.Geteuid() != 0 {
		return nil
	}
	uid, gid := header.Uid, header.Gid
	if u, err := user.Lookup(header.Uname); err == nil {
		if id, err := strconv.Atoi(u.Uid); err == nil {
			uid = id
		}
	}
	if g, err := user.LookupGroup(header.Gname); err == nil {
		if id, err := strconv.Atoi(g.Gid); err == nil {
			gid = id
		}
	}
	return root.Chown(header.Name, uid, gid)
}
