package contracts

import (
	"fmt"
	"strings"
)

// Severity says what an issue means for its import.
type Severity string

// The severities. An error fails the import, a warning tells of something that
// was repaired or left out, info tells of something worth knowing.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// Issue is one finding about the input, and where it stands. Everything but
// Severity, Code and Message may be empty.
type Issue struct {
	Severity Severity `json:"severity"`
	// Code is stable: programs compare it, people look it up.
	Code string `json:"code"`
	// File is the name of the entry in the archive.
	File string `json:"file,omitempty"`
	// Pointer is the JSON Pointer (RFC 6901) of the value inside File.
	Pointer string `json:"pointer,omitempty"`
	// Line and Column are counted from 1, columns in bytes; 0 is unknown.
	Line   int `json:"line,omitempty"`
	Column int `json:"column,omitempty"`
	// SourceID is the record's id as the input spells it.
	SourceID string `json:"source_id,omitempty"`
	// RecordIndex is the record's place in its list, counted from 0; nil where
	// the issue is not about one record.
	RecordIndex *int   `json:"record_index,omitempty"`
	Message     string `json:"message"`
	// Value is what was found, cut to MaxIssueValue bytes; never a secret.
	Value string `json:"value,omitempty"`
	// Hint says how to mend the input.
	Hint string `json:"hint,omitempty"`
}

// MaxIssueValue is how many bytes of a found value an issue repeats.
const MaxIssueValue = 200

// MaxIssuesKept is how many issues of one import are stored; the rest are counted.
const MaxIssuesKept = 10_000

// MaxIssuesInMessage is how many issues travel with a message; the others are
// rows of the stage that found them.
const MaxIssuesInMessage = 20

// String gives the issue as one line that a person can read:
// "sessions line 12: Required field 'title' is missing".
func (i Issue) String() string {
	var b strings.Builder
	b.WriteString(i.File)
	if i.Line > 0 {
		fmt.Fprintf(&b, " line %d", i.Line)
	}
	if i.SourceID != "" {
		fmt.Fprintf(&b, " (id %s)", i.SourceID)
	}
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(i.Message)
	return strings.TrimSpace(b.String())
}

// IssueCounts counts issues by severity.
type IssueCounts struct {
	Error   int `json:"error"`
	Warning int `json:"warning"`
	Info    int `json:"info"`
}

// Add counts one more issue of the given severity.
func (c *IssueCounts) Add(s Severity) {
	switch s {
	case Error:
		c.Error++
	case Warning:
		c.Warning++
	case Info:
		c.Info++
	}
}

// Plus returns the sum of both counts.
func (c IssueCounts) Plus(d IssueCounts) IssueCounts {
	return IssueCounts{Error: c.Error + d.Error, Warning: c.Warning + d.Warning, Info: c.Info + d.Info}
}

// Summary says in one line what failed an import: its first error, and how
// many more there are. It is empty where there is no error among the issues.
func Summary(issues []Issue, counts IssueCounts) string {
	for _, i := range issues {
		if i.Severity != Error {
			continue
		}
		if counts.Error > 1 {
			return fmt.Sprintf("%s (and %d more)", i, counts.Error-1)
		}
		return i.String()
	}
	return ""
}
