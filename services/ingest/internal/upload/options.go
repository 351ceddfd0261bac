package upload

import (
	"net/http"
	"net/url"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/problem"
)

// optionsOf reads what the client asks for beside the upload. A misspelt value
// is refused: whoever meant to publish must not find out later that nobody did.
func optionsOf(q url.Values) (contracts.Options, error) {
	var o contracts.Options
	switch q.Get("publish") {
	case "", "false":
	case "true":
		o.Publish = true
	default:
		return o, problem.New(http.StatusBadRequest, "bad_option", "publish is true or false.")
	}
	var known bool
	if o.Mode, known = contracts.ParseMode(q.Get("mode")); !known {
		return o, problem.New(http.StatusBadRequest, "bad_option", "mode is default, strict or lenient.")
	}
	return o, nil
}

// dryRunOf tells whether the client wants a check in the place of an import. Of
// two wishes none is followed.
func dryRunOf(q url.Values) (bool, error) {
	switch wish := q.Get("dry_run"); {
	case len(q["dry_run"]) > 1:
	case wish == "", wish == "false":
		return false, nil
	case wish == "true":
		return true, nil
	}
	return false, problem.New(http.StatusBadRequest, "bad_option", "dry_run is true or false, and given once.")
}
