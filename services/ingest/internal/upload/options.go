package upload

import (
	"net/http"
	"net/url"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/problem"
)

// archiveOptions reads what the client asks for beside an archive. A misspelt value
// is refused: whoever meant to publish must not find out later that nobody did.
func archiveOptions(q url.Values) (contracts.Options, error) {
	var o contracts.Options
	var err error
	if o.Publish, err = wished(q, "publish", false); err != nil {
		return o, err
	}
	if o.FetchMedia, err = wished(q, "fetch_media", false); err != nil {
		return o, err
	}
	o.Mode, err = modeOf(q)
	return o, err
}

// listOptions reads what the client asks for beside a list of users.
func listOptions(q url.Values) (contracts.Options, error) {
	var o contracts.Options
	invite, err := wished(q, "invite", true)
	if err != nil {
		return o, err
	}
	o.NoInvite = !invite
	var known bool
	if o.OnConflict, known = contracts.ParseOnConflict(q.Get("on_conflict")); !known {
		return o, problem.New(http.StatusBadRequest, "bad_option", "on_conflict is fail, skip or update.")
	}
	o.Mode, err = modeOf(q)
	return o, err
}

func modeOf(q url.Values) (contracts.Mode, error) {
	mode, known := contracts.ParseMode(q.Get("mode"))
	if !known {
		return mode, problem.New(http.StatusBadRequest, "bad_option", "mode is default, strict or lenient.")
	}
	return mode, nil
}

// wished reads what is either asked for or not.
func wished(q url.Values, name string, otherwise bool) (bool, error) {
	switch q.Get(name) {
	case "":
		return otherwise, nil
	case "false":
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
