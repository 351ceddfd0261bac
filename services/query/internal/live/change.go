package live

import (
	"context"
	"strconv"
	"strings"

	"github.com/usher-events/usher/contracts"
)

// Change is a task as a commit of the projector has left it.
type Change struct {
	// Number is its place in the order of all changes of all imports. One that can be
	// seen has none below it that is still to come; one that an import had before
	// is not seen again.
	Number int64
	Owner  contracts.Owner
	Task   contracts.Task
}

// Position is how far somebody has come in the order of all changes.
type Position struct {
	// Epoch tells whose numbers they are: where all is counted anew it is another one.
	Epoch  string
	Number int64
}

// String writes a position as the id of an event.
func (p Position) String() string { return p.Epoch + "." + strconv.FormatInt(p.Number, 10) }

// readPosition reads what String has written.
func readPosition(text string) (p Position, ok bool) {
	epoch, number, ok := strings.Cut(text, ".")
	n, err := strconv.ParseInt(number, 10, 64)
	return Position{Epoch: epoch, Number: n}, ok && err == nil && n >= 0
}

// Source is where the changes are kept.
type Source interface {
	// Position is that of the newest change.
	Position(ctx context.Context) (Position, error)
	// Since returns the changes behind a number in their order, and the first ones
	// where there are more than limit.
	Since(ctx context.Context, number int64, limit int) ([]Change, error)
	// Task returns the newest document of an import, with what was commanded since. A
	// problem says that there is none.
	Task(ctx context.Context, id string) (contracts.Task, error)
}
