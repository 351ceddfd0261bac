package bucket

import "strings"

// The first parts of the keys of the blobs below them.
const (
	Archives = "archives/"
	Media    = "media/"
	Cache    = "cache/"
)

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
