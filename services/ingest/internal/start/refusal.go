package start

import (
	"errors"
	"net/http"

	"github.com/usher-events/usher/pkg/begin"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/problem"
)

// Why a check is not started.
var (
	errUnknown = problem.New(http.StatusNotFound, "not_found",
		"There is no such thing, or it is not yours.")
	errAdminOnly = problem.New(http.StatusForbidden, "admin_only",
		"This is for administrators.")
	errBadBody = problem.New(http.StatusBadRequest, "bad_body",
		`The body is empty, or a JSON object: its member "mapping" is an object of columns and fields, its member "dry_run" true or false.`)
	errNoColumns = problem.New(http.StatusBadRequest, "bad_body",
		`An archive has no columns; "mapping" and "dry_run" are for lists of users.`)
	errStarted = problem.New(http.StatusConflict, "import_started",
		"The import was started before, with other columns; discard it and upload the list again.")
	errNoCheck = problem.New(http.StatusConflict, "not_a_check",
		"This is no check but an import; there is nothing to start.")
	errRunning = problem.New(http.StatusConflict, "check_running",
		"The check has not ended yet.")
	errFailed = problem.New(http.StatusConflict, "check_failed",
		"The check has failed, and so would the import.")
	errDiscarded = problem.New(http.StatusConflict, "import_discarded",
		"The import was taken back; upload the file again to start another one.")
	errGone = problem.New(http.StatusGone, "upload_gone",
		"The uploaded file is not there any more; upload it again.")
)

// refusal says what an error of the store or the broker means for the client.
// Problems are answers already.
func refusal(w http.ResponseWriter, err error) error {
	if _, known := errors.AsType[*problem.Problem](err); known {
		return err
	}
	if errors.Is(err, bucket.ErrNotFound) {
		return errGone
	}
	w.Header().Set("Retry-After", begin.RetryAfter)
	if errors.Is(err, bucket.ErrUnavailable) {
		return problem.New(http.StatusServiceUnavailable, "storage_unavailable",
			"The file cannot be copied right now; try again later.").Because(err)
	}
	return problem.New(http.StatusServiceUnavailable, "broker_unavailable",
		"It is not known right now how the check has ended; try again later.").Because(err)
}
