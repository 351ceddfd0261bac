package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// maxPassword is how many bytes of a line are read; the server takes fewer.
const maxPassword = 4 << 10

// password asks a person twice, without showing what is typed, and reads a line where
// nobody sits there. It becomes part of no message.
func (t *Terminal) password(ctx context.Context) (string, error) {
	file, ok := t.In.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return passwordLine(t.In)
	}
	first, err := t.hidden(ctx, file, "Password: ")
	if err != nil {
		return "", err
	}
	second, err := t.hidden(ctx, file, "The same again: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("the two passwords are not the same")
	}
	return first, nil
}

// hidden reads a line from a terminal that does not show it. Ctrl-C does not end the
// read, so the terminal is put right beside it.
func (t *Terminal) hidden(ctx context.Context, file *os.File, prompt string) (string, error) {
	fd := int(file.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("terminal: %w", err)
	}
	_, _ = fmt.Fprint(t.Err, prompt) // without it one can type all the same
	defer t.note("")
	type line struct {
		text []byte
		err  error
	}
	typed := make(chan line, 1)
	go func() {
		text, err := term.ReadPassword(fd)
		typed <- line{text, err}
	}()
	select {
	case <-ctx.Done():
		_ = term.Restore(fd, before) // the process ends now
		return "", &Exit{Code: interrupted, Err: errors.New("stopped; nothing was added")}
	case l := <-typed:
		if l.err != nil {
			return "", fmt.Errorf("no password was typed: %w", l.err)
		}
		return string(l.text), nil
	}
}

// passwordLine reads the first line and takes off its end, and nothing else.
func passwordLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, maxPassword)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	if line == "" {
		return "", errors.New("there is no password on the standard input; --generate makes one up")
	}
	return line, nil
}
