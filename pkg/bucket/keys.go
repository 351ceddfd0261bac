package bucket

// Archives and Media are the first parts of the keys of the blobs below them.
const (
	Archives = "archives/"
	Media    = "media/"
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
