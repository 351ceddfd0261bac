package projection

import (
	"time"

	"github.com/usher-events/usher/contracts"
)

// KeepsUpload tells whether what was uploaded may still be there, as far as its time goes:
// a list goes a day after its import has ended, and the rows that were left out of it with it.
func (i Import) KeepsUpload() bool {
	return !i.Kind.List() || i.FinishedAt == nil || time.Since(*i.FinishedAt) < contracts.ListKept
}

// LeftOut is how many rows of a list were left out; 0 also where only the attempt before
// a failed one has told so.
func (i Import) LeftOut() int {
	if i.Kind != contracts.UserList || i.Result == nil || i.Result.Accounts == nil {
		return 0
	}
	return i.Result.Failed
}
