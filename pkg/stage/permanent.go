package stage

import (
	"errors"

	"github.com/usher-events/usher/contracts"
)

// The codes with which the runtime itself fails a stage.
const (
	CodeInvalidArchive = "invalid_archive"
	CodeInvalidList    = "invalid_list"
	// CodeArchiveGone: the file that was uploaded is not in the bucket any more.
	CodeArchiveGone    = "archive_gone"
	CodeTriesExhausted = "tries_exhausted"
)

// PermanentError says that trying again cannot help.
type PermanentError struct {
	// Code is stable, Reason is one sentence for people.
	Code   string
	Reason string
}

func (e *PermanentError) Error() string { return e.Reason }

// Permanent makes the error with which a hook fails its stage for good. The
// issues that it reported before tell the details.
func Permanent(code, reason string) error { return &PermanentError{Code: code, Reason: reason} }

// errFenced says that a newer attempt, a cancel or a discard has overtaken the run.
var errFenced = errors.New("the import has moved on")

// errStands says that this stage and attempt was committed before.
var errStands = errors.New("the outcome stands already")

// invalidCode is the code with which an input that has errors fails an import.
func invalidCode(k contracts.Kind) string {
	if k.List() {
		return CodeInvalidList
	}
	return CodeInvalidArchive
}
