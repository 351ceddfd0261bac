package live

import (
	"encoding/json"
	"fmt"

	"github.com/usher-events/usher/contracts"
)

// Document is one task document as it goes out to those who watch its import.
type Document struct {
	Version int64
	// Final tells that the import has ended.
	Final bool
	// Text is the document in JSON, on one line.
	Text []byte
}

// Of makes the document of a task.
func Of(task contracts.Task) (Document, error) {
	text, err := json.Marshal(task)
	if err != nil {
		return Document{}, fmt.Errorf("task %s: %w", task.ID, err)
	}
	return Document{Version: task.Version, Final: task.State.Final(), Text: text}, nil
}

// read takes a document as the projector tells it, which is the text that Of
// makes; only what decides whether it is sent is looked at.
func read(text []byte) (Document, error) {
	var head struct {
		State   contracts.State `json:"state"`
		Version int64           `json:"version"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return Document{}, fmt.Errorf("live document: %w", err)
	}
	return Document{Version: head.Version, Final: head.State.Final(), Text: text}, nil
}
