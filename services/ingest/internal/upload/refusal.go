package upload

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"

	"github.com/usher-events/usher/pkg/begin"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/problem"
)

// What a client can do wrong, as it is answered.
var (
	errNotMultipart = problem.New(http.StatusUnsupportedMediaType, "not_multipart",
		"The body must be multipart/form-data, with a boundary, and hold the file in its part 'file'.")
	errFileMissing = problem.New(http.StatusBadRequest, "file_missing",
		"The form has no part 'file'.")
	errFileEmpty = problem.New(http.StatusBadRequest, "file_empty",
		"The part 'file' is empty.")
	errNotAZip = problem.New(http.StatusUnsupportedMediaType, "not_a_zip",
		"The file is not a zip archive.")
	errNotAList = problem.New(http.StatusUnsupportedMediaType, "not_a_list",
		"The file is no text but a workbook; upload it as xlsx, or save the table as CSV.")
	errNotAWorkbook = problem.New(http.StatusUnsupportedMediaType, "not_a_list",
		"The file is no workbook in the format xlsx; save it as one, or upload a text as csv.")
	errBadMapping = problem.New(http.StatusBadRequest, "bad_option",
		`The part 'mapping' must be a JSON object of columns and fields: {"Spitzname": "nick", "#3": ""}.`)
	errTooLarge = problem.New(http.StatusRequestEntityTooLarge, "too_large",
		"The file is larger than this server takes.")
	errIdempotencyKeyReused = problem.New(http.StatusConflict, "idempotency_key_reused",
		"This Idempotency-Key belongs to an upload of other bytes, or with other options.")
	errPartTooLarge = problem.New(http.StatusBadRequest, "malformed_upload",
		"A part before the part 'file' is too large.")
	errTooManyParts = problem.New(http.StatusBadRequest, "malformed_upload",
		"There are too many parts before the part 'file'.")
	errIncomplete = problem.New(http.StatusBadRequest, "upload_incomplete",
		"The upload ended before the form did.")
	errStalled = problem.New(http.StatusRequestTimeout, "upload_stalled",
		"Nothing, or next to nothing, has come for too long.")
	errBadQuery = problem.New(http.StatusBadRequest, "bad_option",
		"The parameters of the address are not well-formed.")
	errMalformed = problem.New(http.StatusBadRequest, "malformed_upload",
		"The body is not a well-formed multipart/form-data.")
)

// isConnection tells whether the client's connection is what failed.
func isConnection(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, net.ErrClosed) || errors.Is(err, context.Canceled)
}

// refusal turns what went wrong with reading or storing an upload into the
// answer. What is neither the store's failure nor the connection's is what the
// readers of the body say of its form.
func refusal(w http.ResponseWriter, err error) error {
	var (
		known    *problem.Problem
		tooLarge *http.MaxBytesError
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, bucket.ErrUnavailable):
		w.Header().Set("Retry-After", begin.RetryAfter)
		return problem.New(http.StatusServiceUnavailable, "storage_unavailable",
			"The file cannot be stored right now; try again later.").Because(err)
	case errors.As(err, &tooLarge):
		return errTooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errStalled
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), isConnection(err):
		return errIncomplete
	}
	return errMalformed
}
