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
	// types are the source types of the route.
	types map[string]sourceType
	// kind is what an upload becomes, and check where a dry run is asked for.
	kind, check contracts.Kind
	// maxBytes is the size of the largest file.
	maxBytes int64
	// options reads what is asked for beside the upload.
	options func(url.Values) (contracts.Options, error)
	// mapped tells that the form may have a part that says what columns hold.
	mapped bool
}

// sourceType is one form that a file may have.
type sourceType struct {
	// mediaType is what the file is stored as.
	mediaType string
	// looks looks at the first bytes of a file.
	looks func(start []byte) error
}

// Events is POST /v1/events/import/{source_type}, for archives of at most so many
// bytes.
func Events(maxBytes int64) Route {
	return Route{
		path:     "POST /v1/events/import/",
		types:    map[string]sourceType{"json": {"application/zip", isArchive}},
		kind:     contracts.EventArchive,
		check:    contracts.EventCheck,
		maxBytes: maxBytes,
		options:  archiveOptions,
	}
}

// Users is POST /v1/users/import/{source_type}, for lists of at most so many bytes.
func Users(maxBytes int64) Route {
	return Route{
		path: "POST /v1/users/import/",
		types: map[string]sourceType{
			"csv":  {"text/csv", isText},
			"xlsx": {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", isWorkbook},
		},
		kind:     contracts.UserList,
		check:    contracts.ListCheck,
		maxBytes: maxBytes,
		options:  listOptions,
		mapped:   true,
	}
}

// isArchive takes what begins like a zip.
func isArchive(start []byte) error {
	if !isZip(start) {
		return errNotAZip
	}
	return nil
}

// isText takes what may be a text, in whatever encoding. A workbook is what people
// mostly upload in the place of one.
func isText(start []byte) error {
	if isZip(start) || isOldWorkbook(start) {
		return errNotAList
	}
	return nil
}

// isWorkbook takes what begins like a workbook, which is a zip.
func isWorkbook(start []byte) error {
	if !isZip(start) {
		return errNotAWorkbook
	}
	return nil
}

func isZip(start []byte) bool {
	return bytes.HasPrefix(start, []byte("PK\x03\x04")) || bytes.HasPrefix(start, []byte("PK\x05\x06")) // the second: of no files
}

// isOldWorkbook knows the files of Excel up to 2003, and those with a password.
func isOldWorkbook(start []byte) bool { return bytes.HasPrefix(start, []byte("\xd0\xcf\x11\xe0")) }
