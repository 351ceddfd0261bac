package control

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/bucket"
	"github.com/usher-events/usher/pkg/problem"
)

// When to come back, in seconds: after a failure that somebody is mending, and
// where it takes time until there is room again.
const (
	retryAfter     = "30"
	retryAfterFull = "300"
)

// Why a command is refused.
var (
	errUnknown = problem.New(http.StatusNotFound, "not_found",
		"There is no such thing, or it is not yours.")
	errAdminOnly = problem.New(http.StatusForbidden, "admin_only",
		"This is for administrators.")
	errDiscarded = problem.New(http.StatusConflict, "import_discarded",
		"The import was taken back; there is nothing left of it.")
	errNotAList = problem.New(http.StatusConflict, "not_a_list_import",
		"This is no import of a list of users; no rows of it can be mended.")
	errListFailed = problem.New(http.StatusConflict, "import_failed",
		"The import has failed and has left no rows out; mend the list and upload it anew.")
	errNothingToMend = problem.New(http.StatusConflict, "nothing_to_mend",
		"No row of the list was left out.")
	errSucceeded = problem.New(http.StatusConflict, "import_succeeded",
		"The import has succeeded; it is only made anew with \"force\".")
	errNotFailed = problem.New(http.StatusConflict, "import_running",
		"The import has not failed; it is running.")
	errNotEnded = problem.New(http.StatusConflict, "import_running",
		"The import has not ended; cancel it instead.")
	errHasEnded = problem.New(http.StatusConflict, "import_ended",
		"The import has ended; it can be discarded, but not canceled any more.")
	errForgotten = problem.New(http.StatusGone, "import_purged",
		"What the stage before has handed on is not kept any more; begin with an earlier stage.")
	errGone = problem.New(http.StatusGone, "upload_gone",
		"The uploaded file is not there any more; upload it again.")
	errRowsGone = problem.New(http.StatusGone, "rows_gone",
		"The rows that were left out are kept for a day; upload them as a list of their own.")
	errMovedOn = problem.New(http.StatusConflict, "import_moved_on",
		"Another command for this import came first; look at it again.")
)

// edited refuses to undo what people have changed.
func edited(attributes []string) error {
	detail := fmt.Sprintf("The event was changed since it was imported (%s).", strings.Join(attributes, ", "))
	return problem.New(http.StatusConflict, "event_edited", detail).With("changed", attributes)
}

// badStage refuses a stage that is none of those from which the import can go on.
func badStage(wanted contracts.Stage, possible []contracts.Stage) error {
	names := make([]string, len(possible))
	for i, s := range possible {
		names[i] = string(s)
	}
	detail := fmt.Sprintf("The import cannot go on from %q, only from %s.", wanted, strings.Join(names, ", "))
	return problem.New(http.StatusUnprocessableEntity, "bad_stage", detail).With("possible", possible)
}

// refusal says what an error of the broker means for the client. Problems are
// answers already.
func refusal(w http.ResponseWriter, err error) error {
	if _, known := errors.AsType[*problem.Problem](err); known {
		return err
	}
	if _, defect := errors.AsType[*unreadableError](err); defect {
		return err // no outage: it would be the same later
	}
	if errors.Is(err, broker.ErrFull) {
		w.Header().Set("Retry-After", retryAfterFull)
		return problem.New(http.StatusServiceUnavailable, "import_stream_full",
			"There is no room for the command right now; try again later.").Because(err)
	}
	w.Header().Set("Retry-After", retryAfter)
	if errors.Is(err, bucket.ErrUnavailable) {
		return problem.New(http.StatusServiceUnavailable, "storage_unavailable",
			"It cannot be seen right now whether the uploaded file is there; try again later.").Because(err)
	}
	return problem.New(http.StatusServiceUnavailable, "broker_unavailable",
		"The command could not be given, or it is not known whether it was; look at the import and try again later.").Because(err)
}

// unreadableError is a message of the stream that is not what stands there.
type unreadableError struct{ err error }

func (e *unreadableError) Error() string { return e.err.Error() }
func (e *unreadableError) Unwrap() error { return e.err }
