package live

import (
	"encoding/json"
	"fmt"

	"github.com/usher-events/usher/contracts"
)

// event is one event of a stream as it goes out. Many streams share it.
type event struct {
	// about is the import: of two that wait the newer one is enough. Empty is about
	// the stream itself.
	about string
	// order is what tells whether a stream has had it, or a newer one.
	order int64
	// last tells that nothing comes behind it.
	last bool
	text []byte
}

// ofTask is the event of a stream of one import: its id is the version, and the end
// of the import is its last one.
func ofTask(task contracts.Task) (event, error) {
	e, err := eventOf(task, fmt.Sprint(task.Version))
	e.order, e.last = task.Version, task.State.Final()
	return e, err
}

// ofChange is the event of a stream of many imports: its id is the position, and none
// is the last.
func ofChange(c Change, epoch string) (event, error) {
	e, err := eventOf(c.Task, Position{Epoch: epoch, Number: c.Number}.String())
	e.order = c.Number
	return e, err
}

func eventOf(task contracts.Task, id string) (event, error) {
	document, err := json.Marshal(task) // on one line
	if err != nil {
		return event{}, fmt.Errorf("task %s: %w", task.ID, err)
	}
	return event{about: task.ID, text: fmt.Appendf(nil, "id: %s\ndata: %s\n\n", id, document)}, nil
}

// heartbeatText is a comment, which clients pass over.
var heartbeatText = []byte(":\n\n")

// resetText tells a client that what it has is not continued: what comes now is the
// beginning. Its id is where it begins.
func resetText(from Position) string { return fmt.Sprintf("event: reset\nid: %s\ndata: {}\n\n", from) }
