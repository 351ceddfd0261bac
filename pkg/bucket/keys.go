package bucket

import (
	"strconv"
	"strings"
)

// The first parts of the keys of the blobs below them.
const (
	Archives = "archives/"
	Media    = "media/"
	Cache    = "cache/"
	Exports  = "exports/"
)

// prefixes are all of them: what lies below none is not ours.
var prefixes = []string{Archives, Media, Cache, Exports}

// mended begins what comes behind the import in a MendedKey.
const mended = "mended-"

// ArchiveKey is where an uploaded archive lies. Each upload has an id of its
// own below its import, so that two requests with one Idempotency-Key, which
// makes them one import, never write to the same blob.
func ArchiveKey(importID, uploadID string) string {
	return Archives + importID + "/" + uploadID
}

// MendedKey is where rows lie that were left out of an import and came again: beside its
// first uploads and known from them, because they belong to another attempt.
func MendedKey(importID, uploadID string) string {
	return ArchiveKey(importID, mended+uploadID)
}

// IsMended tells whether a key is one of MendedKey.
func IsMended(key string) bool {
	_, upload, _ := strings.Cut(strings.TrimPrefix(key, Archives), "/")
	return strings.HasPrefix(upload, mended)
}

// MediaKey is where a stored media file of an import lies.
func MediaKey(importID, mediaID string) string {
	return Media + importID + "/" + mediaID
}

// CacheKey is where lies what was derived from the media of an import, such as
// a smaller copy of a picture. It can be made again at any time.
func CacheKey(importID, name string) string {
	return Cache + importID + "/" + name
}

// ExportKey is where the archive lies that an export has come to. Each try of an attempt
// has an id of its own, so that no two write to the same blob. The name of the file ends
// it, since that is what a browser calls what the store gives out.
func ExportKey(importID string, attempt int, tryID, fileName string) string {
	return Exports + importID + "/" + strconv.Itoa(attempt) + "-" + tryID + "/" + fileName
}

// ExportAttempt is the attempt that a key of ExportKey is of, 0 for any other key.
func ExportAttempt(key string) int {
	_, name, _ := strings.Cut(strings.TrimPrefix(key, Exports), "/")
	attempt, _, _ := strings.Cut(name, "-")
	n, err := strconv.Atoi(attempt)
	if err != nil {
		return 0
	}
	return n
}
