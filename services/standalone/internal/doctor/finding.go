package doctor

import "fmt"

// Verdict is how something stands.
type Verdict string

// The verdicts. What is red does not work, or would lose something; a warning is worth
// a look.
const (
	Green   Verdict = "green"
	Warning Verdict = "warning"
	Red     Verdict = "red"
)

// Finding is what came of looking at one thing. It has no credentials in it.
type Finding struct {
	Check   string  `json:"check"`
	Verdict Verdict `json:"verdict"`
	// Says is how it stands, and Todo what to do; that is empty where it is green.
	Says string `json:"says"`
	Todo string `json:"todo,omitempty"`
}

func green(check, says string, args ...any) Finding {
	return Finding{Check: check, Verdict: Green, Says: fmt.Sprintf(says, args...)}
}

func warning(check, todo, says string, args ...any) Finding {
	return Finding{Check: check, Verdict: Warning, Says: fmt.Sprintf(says, args...), Todo: todo}
}

func red(check, todo, says string, args ...any) Finding {
	return Finding{Check: check, Verdict: Red, Says: fmt.Sprintf(says, args...), Todo: todo}
}
