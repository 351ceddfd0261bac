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
	return o, nil
}
