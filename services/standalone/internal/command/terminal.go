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
	// Width is how many columns Out has, 0 where it is no terminal.
	Width int
}

// NewTerminal returns the terminal of these streams and the standard input.
func NewTerminal(out, errOut io.Writer) *Terminal {
	t := &Terminal{Out: out, Err: errOut, In: os.Stdin}
	file, ok := out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return t
	}
	t.Interactive = true
	if width, _, err := term.GetSize(int(file.Fd())); err == nil {
		t.Width = width
	}
	return t
}

// columns is how many columns a line should take at most.
func (t *Terminal) columns() int {
	const usual, least = 100, 40
	if t.Width == 0 {
		return usual
	}
	return max(t.Width, least)
}

// note says on Err what is worth knowing and is no result. Nothing hangs on
// whether it arrives.
func (t *Terminal) note(format string, args ...any) {
	_, _ = fmt.Fprintf(t.Err, format+"\n", args...)
}
