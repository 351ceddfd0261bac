package tasks

import (
	"context"
	"fmt"
	"time"
)

// FailureCode is a code with which imports have failed, and how many have.
type FailureCode struct {
	Code string
	N    int
}

// codesShown is how many codes a form offers.
const codesShown = 50

// FailureCodes are the codes of the imports that have failed, everybody's, since then;
// the most frequent ones first. They are for the form that narrows such a list.
func (t Tasks) FailureCodes(ctx context.Context, since time.Time) ([]FailureCode, error) {
	var all []FailureCode
	err := t.DB.NewRaw(`SELECT h.code, count(*) AS n FROM query.imports AS i
		JOIN query.history AS h ON h.import_id = i.id AND h.attempt = i.attempt AND h.what = 'failed' AND h.stage = i.stage
		WHERE i.state = 'FAILURE' AND i.finished_at >= ? GROUP BY h.code ORDER BY n DESC, h.code LIMIT ?`,
		since, codesShown).Scan(ctx, &all)
	if err != nil {
		return nil, fmt.Errorf("codes of failures: %w", err)
	}
	return all, nil
}
