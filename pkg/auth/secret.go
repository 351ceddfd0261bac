package auth

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// SecretFromFile returns the secret that a file holds, for Config.Secret. A file
// that is not there is made, readable by its owner only, of 32 random bytes in
// a form that can be copied into USHER_JWT_SECRET of another process. Processes
// that start at once agree on one secret, and the file is never seen half written.
func SecretFromFile(path string) ([]byte, error) {
	secret, err := readSecret(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	if err := makeSecret(path); err != nil {
		return nil, fmt.Errorf("secret file %s: %w", path, err)
	}
	return readSecret(path)
}

func readSecret(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("secret file: %w", err)
	}
	secret := bytes.TrimSpace(text)
	if len(secret) < MinSecret {
		return nil, fmt.Errorf("secret file %s: %d bytes, at least %d are needed", path, len(secret), MinSecret)
	}
	return secret, nil
}

// makeSecret writes a secret beside the path and links it into place: of two
// processes one link succeeds, and the other reads what that one made.
func makeSecret(path string) error {
	random := make([]byte, 32)
	_, _ = rand.Read(random)                                 // never fails: see its documentation
	f, err := os.CreateTemp(filepath.Dir(path), ".secret-*") // O_EXCL, 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	_, err = f.WriteString(base64.RawURLEncoding.EncodeToString(random) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
