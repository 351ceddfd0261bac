package bucket

// The first parts of the keys of the blobs below them.
const (
	Archives = "archives/"
	Media    = "media/"
	Cache    = "cache/"
)

// ArchiveKey is where an uploaded archive lies. Each upload has an id of its
// own below its import, so that two requests with one Idempotency-Key, which
// makes them one import, never write to the same blob.
func ArchiveKey(importID, uploadID string) string {
	return Archives + importID + "/" + uploadID
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
