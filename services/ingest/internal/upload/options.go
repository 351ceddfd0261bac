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
	var err error
	if o.Publish, err = wished(q, "publish"); err != nil {
		return o, err
	}
	if o.FetchMedia, err = wished(q, "fetch_media"); err != nil {
		return o, err
	}
	var known bool
	if o.Mode, known = contracts.ParseMode(q.Get("mode")); !known {
		return o, problem.New(http.StatusBadRequest, "bad_option", "mode is default, strict or lenient.")
	}
	return o, nil
}

// wished reads what is either asked for or not.
func wished(q url.Values, name string) (bool, error) {
	switch q.Get(name) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, problem.New(http.StatusBadRequest, "bad_option", name+" is true or false.")
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
