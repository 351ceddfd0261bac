package contracttest

import (
	"encoding/json"
	"fmt"

	"github.com/usher-events/usher/contracts"
)

// Message fails the test where raw is not a message that may be sent: it must
// be of a type of the contracts, fit the schema of that type and have no
// member that the schema does not name.
func Message(t T, raw []byte) {
	t.Helper()
	if err := checkMessage(raw); err != nil {
		t.Errorf("message against its schema: %v\n%s", err, indented(raw))
	}
}

func checkMessage(raw []byte) error {
	known, err := messageSchemas()
	if err != nil {
		return err
	}
	var envelope struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(raw, &envelope); err != nil {
		return fmt.Errorf("not a message: %w", err)
	}
	s, ok := known[envelope.Type]
	if !ok {
		return fmt.Errorf("%w: %q", contracts.ErrUnknownType, envelope.Type)
	}
	if err := s.check(raw); err != nil {
		return fmt.Errorf("%s:\n%w", envelope.Type, err)
	}
	return nil
}
