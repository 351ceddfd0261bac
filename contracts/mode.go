package contracts

// Mode says how strict an import is with its input.
type Mode string

// The modes. In DefaultMode a repair is a warning, and a record that cannot be
// imported fails the import before anything is written. In Strict any warning
// fails it as well. In Lenient such records are left out with a warning, and the
// import succeeds as long as there is an event with a name and a time.
const (
	DefaultMode Mode = ""
	Strict      Mode = "strict"
	Lenient     Mode = "lenient"
)

// ParseMode reads a mode as people write it; "default" and "" are DefaultMode.
func ParseMode(s string) (Mode, bool) {
	switch m := Mode(s); m {
	case "default":
		return DefaultMode, true
	case DefaultMode, Strict, Lenient:
		return m, true
	default:
		return "", false
	}
}

// String gives the mode as ParseMode reads it, "default" for DefaultMode.
func (m Mode) String() string {
	if m == DefaultMode {
		return "default"
	}
	return string(m)
}

// Severity returns what a finding of severity s means to an import in this mode.
func (m Mode) Severity(s Severity) Severity {
	if m == Strict && s == Warning {
		return Error
	}
	return s
}
