package contracts

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// State is where an import stands.
type State string

// The states. Success, Failure, Canceled and Discarded are final until a
// command (a replay, a discard) moves the import on.
const (
	Pending   State = "PENDING"
	Started   State = "STARTED"
	Success   State = "SUCCESS"
	Failure   State = "FAILURE"
	Canceled  State = "CANCELED"
	Discarded State = "DISCARDED"
)

// Final tells whether nothing more happens by itself.
func (s State) Final() bool { return s != Pending && s != Started }

// TakenBack tells whether all that was made of the import is to go.
func (s State) TakenBack() bool { return s == Canceled || s == Discarded }

// Task is the document of GET /v1/tasks/{id}: everything that a frontend needs
// to show one import.
type Task struct {
	ID    string `json:"id"`
	Kind  Kind   `json:"kind"`
	State State  `json:"state"`
	// Message is one line for people: "Importing sessions (12/493)".
	Message string `json:"message"`
	// Note says why a stage has to try again, in words for people; empty while
	// all is well.
	Note string `json:"note,omitempty"`
	// Stage is the one that works now, or that decided the end.
	Stage Stage `json:"stage,omitempty"`
	// WaitingFor names the stage whose turn it is while it has not begun, and
	// WaitingSince is when its turn came; null while nothing is waited for.
	WaitingFor   Stage      `json:"waiting_for,omitempty"`
	WaitingSince *time.Time `json:"waiting_since"`
	// StageDownSince is there while no process runs the stage whose turn it is, or
	// that is at work; StagePausedUntil while that stage is paused. Of a stage that
	// is paused it is not told whether it runs.
	StageDownSince   *time.Time                  `json:"stage_down_since,omitempty"`
	StagePausedUntil *time.Time                  `json:"stage_paused_until,omitempty"`
	Progress         map[EntityType]TaskProgress `json:"progress"`
	Issues           IssueCounts                 `json:"issues"`
	// Result is a Result on SUCCESS, a readable string on FAILURE (as old
	// clients expect it) and null before.
	Result any `json:"result"`
	// Error is the problem behind a FAILURE, else null.
	Error *TaskError `json:"error"`
	// Cleanup says, of an import that was taken back, how many stages have removed
	// what they have made, of how many; nil of every other.
	Cleanup *TaskProgress `json:"cleanup,omitempty"`
	// Attempt counts the runs, Version the changes of this document.
	Attempt    int        `json:"attempt"`
	Version    int64      `json:"version"`
	StartedAt  *time.Time `json:"started_at"`
	FinishedAt *time.Time `json:"finished_at"`
}

// TaskProgress is how many of a type are done, of how many; Total is 0 where
// it is not known yet.
type TaskProgress struct {
	Done  int `json:"done"`
	Total int `json:"total"`
}

// TaskError is the problem document (RFC 9457) inside a failed task.
type TaskError struct {
	Type   string  `json:"type"`
	Title  string  `json:"title"`
	Detail string  `json:"detail"`
	Code   string  `json:"code"`
	Stage  Stage   `json:"stage"`
	Issues []Issue `json:"issues,omitempty"`
}

// Accounts says what became of the rows of a list, of a check what would.
type Accounts struct {
	// Created accounts are new. Updated ones were there and have been changed;
	// Skipped rows are of accounts that were there and stay as they are. Failed
	// rows were left out, because something is wrong with them.
	Created int `json:"created"`
	Updated int `json:"updated"`
	Skipped int `json:"skipped"`
	Failed  int `json:"failed"`
	// Invited are those of the created whose people are asked by mail to choose a password.
	Invited int `json:"invited"`
}

// String says it in one line for people: "12 users imported, 2 updated". What there
// is none of is not told, but for the imported where there is nothing else.
func (a Accounts) String() string {
	return cmp.Or(a.told("user", "", "imported", "updated"), "0 users imported")
}

// Would says it of a check, of which nothing is made: "12 accounts would be made, 2 changed".
func (a Accounts) Would() string {
	return cmp.Or(a.told("account", "would be ", "made", "changed"), "nothing would change")
}

// told counts what there is any of. The first part names what is counted.
func (a Accounts) told(what, before, created, updated string) string {
	var parts []string
	for _, part := range []struct {
		n    int
		done string
	}{{a.Created, created}, {a.Updated, updated}, {a.Skipped, "skipped"}, {a.Failed, "left out"}, {a.Invited, "invited"}} {
		switch {
		case part.n == 0:
		case len(parts) == 0:
			parts = append(parts, plural(part.n, what)+" "+before+part.done)
		default:
			parts = append(parts, fmt.Sprintf("%d %s", part.n, part.done))
		}
	}
	return strings.Join(parts, ", ")
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Exported says what an export came to.
type Exported struct {
	// Size is the archive's length in bytes, SHA256 its hash in lower-case hex.
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// ExpiresAt is until when it can be downloaded, in UTC.
	ExpiresAt time.Time `json:"expires_at"`
	// RefusedByV1 counts what the rules of the format's first server do not let pass of the
	// archive, FirstRefused are the first of it, at most MaxIssuesInMessage; all of it is
	// among the issues. An import here takes these. Both are empty of dialect b, which none of
	// those servers took.
	RefusedByV1  int     `json:"refused_by_v1"`
	FirstRefused []Issue `json:"first_refused,omitempty"`
}

// Result is what a successful import came to: of an archive the event, of a
// list the users, of a check what an import of the archive would come to, of an
// export the archive.
type Result struct {
	// ID, Identifier and EventName are those of the event, empty for a list. Of
	// a check only the name is known.
	ID         string `json:"id,omitempty"`
	Identifier string `json:"identifier,omitempty"`
	EventName  string `json:"event_name,omitempty"`
	// Accounts says what a list came to; nil of an archive.
	*Accounts
	// DryRun tells that it is of a check, and that nothing was made.
	DryRun bool `json:"dry_run,omitempty"`
	// DownloadURL is where the archive of an export is; the other members of Exported are
	// about it. Both are of an export only.
	DownloadURL string `json:"download_url,omitempty"`
	*Exported
	// Counts says how many of each type an import would make, or how many an archive that
	// was exported holds. Mails is to whom an import would write; it is of a check only.
	Counts map[EntityType]int `json:"counts,omitempty"`
	Mails  []string           `json:"mails,omitempty"`
	// URL is where to look at what was made, of a check where to look at itself.
	URL string `json:"url"`
	// EarlierImport is as in ImportRequested.
	EarlierImport string `json:"earlier_import,omitempty"`
}
