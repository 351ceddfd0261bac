package upload

import (
	"bytes"
	"encoding/json"
)

// mappingPart is the part of a form that says what the columns of a list hold. It
// must come before the file, behind which nothing is read.
const mappingPart = "mapping"

// mappingOf reads that part: an object whose keys are columns and whose values are
// fields. Which of both there are the list tells.
func mappingOf(part []byte) (map[string]string, error) {
	if len(bytes.TrimSpace(part)) == 0 {
		return nil, nil
	}
	var mapping map[string]string
	if err := json.Unmarshal(part, &mapping); err != nil {
		return nil, errBadMapping
	}
	if len(mapping) == 0 {
		return nil, nil
	}
	return mapping, nil
}
