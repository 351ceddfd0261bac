package command

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// Terminal is where a command says what it has to say.
type Terminal struct {
	// Out takes results, Err what is not one.
	Out, Err io.Writer
	// In is where a command reads what it must not be told by an argument.
	In io.Reader
	// Interactive tells that Out is a terminal that a person looks at.
	Interactive bool
}

// NewTerminal returns the terminal of these streams and the standard input.
func NewTerminal(out, errOut io.Writer) *Terminal {
	file, ok := out.(*os.File)
	return &Terminal{Out: out, Err: errOut, In: os.Stdin, Interactive: ok && term.IsTerminal(int(file.Fd()))}
}

// note says on Err what is worth knowing and is no result. Nothing hangs on
// whether it arrives.
func (t *Terminal) note(format string, args ...any) {
	_, _ = fmt.Fprintf(t.Err, format+"\n", args...)
}
