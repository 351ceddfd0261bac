package command

import (
	"errors"
	"time"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/services/standalone/internal/client"
)

// Selection says which imports are meant.
type Selection struct {
	Failed bool          `help:"Only those that have failed."`
	Since  time.Duration `help:"Only those that ended no longer ago, or have not ended." placeholder:"2h"`
	Stage  string        `help:"Only those that failed at this stage, or are at it." placeholder:"STAGE"`
	Code   string        `help:"Only those that have failed with this code." placeholder:"CODE"`
	Kind   string        `help:"Only those of this kind, such as event-archive." placeholder:"KIND"`
}

func (s Selection) filter() (client.Filter, error) {
	f := client.Filter{Stage: contracts.Stage(s.Stage), Code: s.Code, Kind: contracts.Kind(s.Kind)}
	if s.Since < 0 {
		return f, &Exit{Code: usage, Err: errors.New("--since tells how long ago, such as 2h")}
	}
	if s.Failed {
		f.State = contracts.Failure
	}
	if s.Since > 0 {
		f.Since = time.Now().Add(-s.Since)
	}
	return f, nil
}
