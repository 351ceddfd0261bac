package pause

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/begin"
	"github.com/usher-events/usher/pkg/problem"
)

// maxBody is how many bytes a request may have.
const maxBody = 4 << 10

// shortest is how long a pause has to be at least.
const shortest = time.Second

// wantedOf reads for how long a stage is to be held up.
func wantedOf(w http.ResponseWriter, r *http.Request) (time.Duration, error) {
	var sent struct {
		For string `json:"for"`
	}
	if err := begin.ReadBody(w, r, maxBody, &sent); err != nil {
		return 0, problem.New(http.StatusBadRequest, "bad_body",
			`The body is a JSON object whose only member "for" says for how long, such as "90s", "30m" or "1h".`).Because(err)
	}
	d, err := time.ParseDuration(sent.For)
	if err != nil || d < shortest || d > contracts.MaxPause {
		return 0, problem.New(http.StatusUnprocessableEntity, "bad_duration",
			`The member "for" is a time from "1s" to "168h", such as "90s", "30m" or "1h".`).Because(err)
	}
	return d, nil
}

// unknownStage refuses what is no stage, and tells which there are.
func unknownStage() error {
	var names []string
	for _, s := range contracts.Stages() {
		names = append(names, string(s))
	}
	return problem.New(http.StatusNotFound, "unknown_stage",
		fmt.Sprintf("There is no such stage; there are %s.", strings.Join(names, ", "))).With("possible", contracts.Stages())
}
