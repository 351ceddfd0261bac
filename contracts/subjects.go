package contracts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// Outcome is what a stage came to in one attempt.
type Outcome string

// The outcomes. The broker keeps exactly one per import, stage and attempt.
const (
	OutcomeCompleted Outcome = "completed"
	OutcomeFailed    Outcome = "failed"
)

// control stands in the place of the stage in the subject of an import's commands.
const control = "control"

// Names builds every name that the broker sees. No other place spells one.
//
// The tokens of few values come first, so that the filter of a stage and the
// permissions of a service are literal prefixes.
type Names struct {
	// Prefix sets several installations on one cluster apart; empty is none.
	// It must be a single subject token: letters, digits, '-' and '_'.
	Prefix string
}

// ParseNames checks a prefix and returns the names under it.
func ParseNames(prefix string) (Names, error) {
	for _, r := range prefix {
		if !(r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') {
			return Names{}, fmt.Errorf("prefix %q: only letters, digits, '-' and '_' are allowed", prefix)
		}
	}
	return Names{Prefix: prefix}, nil
}

func (n Names) subject(tokens ...string) string {
	s := "usher." + strings.Join(tokens, ".")
	if n.Prefix != "" {
		return n.Prefix + "." + s
	}
	return s
}

// name is for streams, buckets and consumers, where a dot is not allowed.
func (n Names) name(s string) string {
	if n.Prefix != "" {
		return n.Prefix + "-" + s
	}
	return s
}

// Outcome is the subject of one outcome:
// usher.import.<kind>.<stage>.<import>.<attempt>.<outcome>.
func (n Names) Outcome(k Kind, s Stage, id string, attempt int, o Outcome) string {
	return n.subject("import", string(k), string(s), id, strconv.Itoa(attempt), string(o))
}

// AnyOutcome is the pattern under which the broker keeps exactly one message:
// all outcomes of one import, stage and attempt.
func (n Names) AnyOutcome(k Kind, s Stage, id string, attempt int) string {
	return n.subject("import", string(k), string(s), id, strconv.Itoa(attempt), "*")
}

// AnyRequest is the pattern under which the broker keeps exactly one request of
// an import, whatever its kind.
func (n Names) AnyRequest(id string) string {
	return n.subject("import", "*", string(Ingest), id, "1", "*")
}

// AnyAttempt is the pattern of one outcome of a stage in all attempts of an
// import. An attempt begins after the one before it has failed, so the last
// message is of the newest attempt that has come to it.
func (n Names) AnyAttempt(k Kind, s Stage, id string, o Outcome) string {
	return n.subject("import", string(k), string(s), id, "*", string(o))
}

// StageOutcomes is the pattern of one outcome of a stage, of all imports.
func (n Names) StageOutcomes(k Kind, s Stage, o Outcome) string {
	return n.subject("import", string(k), string(s), "*", "*", string(o))
}

// Control is the subject of an import's commands and of its end.
func (n Names) Control(k Kind, id string) string {
	return n.subject("import", string(k), control, id)
}

// Controls is the pattern of the commands and ends of all imports of a kind.
func (n Names) Controls(k Kind) string { return n.subject("import", string(k), control, "*") }

// AllImports is the pattern of everything that the stream IMPORTS keeps.
func (n Names) AllImports() string { return n.subject("import", ">") }

// Status is the subject of an import's progress.
func (n Names) Status(k Kind, id string) string { return n.subject("status", string(k), id) }

// AllStatus is the pattern of everything that the stream STATUS keeps.
func (n Names) AllStatus() string { return n.subject("status", ">") }

// Dead is the subject of messages that nobody could decode, by the consumer
// that met them.
func (n Names) Dead(consumer string) string { return n.subject("dead", consumer) }

// AllDead is the pattern of everything that the stream DEAD keeps.
func (n Names) AllDead() string { return n.subject("dead", ">") }

// ImportsStream names the stream of the facts: outcomes and commands.
func (n Names) ImportsStream() string { return n.name("IMPORTS") }

// StatusStream names the stream of progress.
func (n Names) StatusStream() string { return n.name("STATUS") }

// DeadStream names the stream of undecodable messages.
func (n Names) DeadStream() string { return n.name("DEAD") }

// RemapsBucket names the key-value bucket of the remaps.
func (n Names) RemapsBucket() string { return n.name("REMAPS") }

// UploadsBucket names the key-value bucket of the uploads: at UploadKey lies
// the id of the newest import of these bytes by this owner.
func (n Names) UploadsBucket() string { return n.name("UPLOADS") }

// UploadKey is where the bucket of the uploads keeps what became of an archive
// of this SHA-256, in lower-case hex, by this owner. The owner is hashed, for a
// key must not have every character and a bucket need not show who uploads.
func UploadKey(o Owner, archive string) string {
	return ownerToken(o) + "." + archive
}

func ownerToken(o Owner) string {
	owner := sha256.Sum256([]byte(o.Issuer + "\x00" + o.Subject))
	return hex.EncodeToString(owner[:])
}

// Live is the subject on which the newest task document of an import goes out
// each time that it changes. It is of no stream: whoever was not there asks for
// the document. The owner is hashed, as in UploadKey.
func (n Names) Live(o Owner, id string) string { return n.live(ownerToken(o), id) }

func (n Names) live(owner, id string) string { return n.subject("live", owner, id) }

// AllLive is the pattern of the live documents of all imports.
func (n Names) AllLive() string { return n.subject("live", ">") }

// Consumer names the durable consumer that all replicas of a stage share.
func (n Names) Consumer(k Kind, s Stage) string { return n.name(string(k) + "-" + string(s)) }

// Presence is the name under which processes answer which consumers they run, in
// NATS' own discovery of services.
func (n Names) Presence() string { return n.name("usher") }
