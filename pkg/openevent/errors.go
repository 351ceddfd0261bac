package openevent

import (
	"errors"

	"github.com/usher-events/usher/contracts"
)

// Error tells what is wrong with an archive or one of its entries. Trying
// again cannot mend it, unlike any other error of this package.
type Error struct {
	// Code is one of this package's codes.
	Code string
	// Entry is the entry's name in the archive, "" where it is about the whole.
	Entry string
	// Message is one sentence for people.
	Message string
}

// Error implements error.
func (e *Error) Error() string {
	if e.Entry == "" {
		return e.Message
	}
	return e.Entry + ": " + e.Message
}

// Issue gives the error as an issue of error severity.
func (e *Error) Issue() contracts.Issue {
	return contracts.Issue{Severity: contracts.Error, Code: e.Code, File: e.Entry, Message: e.Message}
}

// sourceError marks what the io.ReaderAt answered, so that it is still told
// from a damaged entry after it came through the unpacking.
type sourceError struct{ err error }

func (e *sourceError) Error() string { return e.err.Error() }
func (e *sourceError) Unwrap() error { return e.err }

// isSource tells whether err came from the io.ReaderAt.
func isSource(err error) bool {
	var source *sourceError
	return errors.As(err, &source)
}
