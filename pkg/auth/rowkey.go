package auth

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"
)

// RowKeys makes and reads the keys by which a mended row of a list is known again. A
// key tells which row of which import it is, and cannot be made up for another one.
// It is safe for concurrent use.
type RowKeys struct {
	key []byte
}

// rowKey names the key that keys of rows are signed with, as invitationKey does.
const rowKey = "usher row"

// rowKeyBytes is how much of the signature a key of a row has: a person may have to
// look at it in a cell.
const rowKeyBytes = 16

// NewRowKeys returns keys that every other one of the same config reads.
func NewRowKeys(c Config) (*RowKeys, error) {
	if err := c.validateSecret(); err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, []byte(c.Secret), nil, rowKey, sha256.Size)
	if err != nil {
		return nil, err
	}
	return &RowKeys{key: key}, nil
}

// Key returns the key of row n of an import, such as "17.kX0…". The same row has the
// same key.
func (k *RowKeys) Key(importID string, n int) string {
	row := strconv.Itoa(n)
	return row + "." + base64.RawURLEncoding.EncodeToString(k.sign(importID, row))
}

// Read returns which row of the import a key is of, and false where it is none of it.
func (k *RowKeys) Read(importID, key string) (n int, ok bool) {
	row, _, _ := strings.Cut(key, ".")
	n, err := strconv.Atoi(row)
	if err != nil || n < 0 {
		return 0, false
	}
	// Only what Key makes is one, to the letter.
	return n, subtle.ConstantTimeCompare([]byte(k.Key(importID, n)), []byte(key)) == 1
}

func (k *RowKeys) sign(importID, row string) []byte {
	mac := hmac.New(sha256.New, k.key)
	_, _ = mac.Write([]byte(importID + "|" + row)) // a hash takes everything
	return mac.Sum(nil)[:rowKeyBytes]
}
