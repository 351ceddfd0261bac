package upload

import (
	"bytes"
	"net/url"

	"github.com/usher-events/usher/contracts"
)

// Route is one way in: what is uploaded there, and what it becomes.
type Route struct {
	// path is what an Idempotency-Key belongs to, with the source type behind it.
	path string
	// kinds says what the source types of the route become.
	kinds map[string]contracts.Kind
	// checks says what they become where a dry run is asked for; a source type
	// that is not there has none.
	checks map[string]contracts.Kind
	// mediaType is what the file is stored as.
	mediaType string
	// maxBytes is the size of the largest file.
	maxBytes int64
	// check looks at the first bytes of a file.
	check func(start []byte) error
	// options reads what is asked for beside the upload.
	options func(url.Values) (contracts.Options, error)
}

// maxList is how large a list of users may be, whatever the server takes else: the
// stage that reads it keeps its users in memory.
const maxList = 64 << 20

// Events is POST /v1/events/import/{source_type}, for archives of at most so many
// bytes.
func Events(maxBytes int64) Route {
	return Route{
		path:      "POST /v1/events/import/",
		kinds:     map[string]contracts.Kind{"json": contracts.EventArchive},
		checks:    map[string]contracts.Kind{"json": contracts.EventCheck},
		mediaType: "application/zip",
		maxBytes:  maxBytes,
		check:     isArchive,
		options:   optionsOf,
	}
}

// Users is POST /v1/users/import/{source_type}, for lists of at most so many bytes.
func Users(maxBytes int64) Route {
	return Route{
		path:      "POST /v1/users/import/",
		kinds:     map[string]contracts.Kind{"csv": contracts.UserList},
		mediaType: "text/csv",
		maxBytes:  min(maxBytes, maxList),
		check:     isList,
		options:   func(url.Values) (contracts.Options, error) { return contracts.Options{}, nil },
	}
}

// isArchive takes what begins like a zip.
func isArchive(start []byte) error {
	if !isZip(start) {
		return errNotAZip
	}
	return nil
}

// isList takes what may be a text. A spreadsheet, which is a zip, is what people
// mostly upload in the place of a list.
func isList(start []byte) error {
	if isZip(start) || bytes.IndexByte(start, 0) >= 0 {
		return errNotAList
	}
	return nil
}

func isZip(start []byte) bool {
	return bytes.HasPrefix(start, []byte("PK\x03\x04")) || bytes.HasPrefix(start, []byte("PK\x05\x06")) // the second: of no files
}
