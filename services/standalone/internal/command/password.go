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
	// Nothing is shown from before the first prompt on, whoever types faster.
	before, err := term.MakeRaw(int(file.Fd()))
	if err != nil {
		return "", fmt.Errorf("terminal: %w", err)
	}
	defer term.Restore(int(file.Fd()), before) //nolint:errcheck // there is nothing left to try
	screen := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{file, t.Err}, "")
	var password string
	typed := make(chan error, 1)
	go func() {
		var err error
		password, err = typedTwice(screen)
		typed <- err
	}()
	select {
	case <-ctx.Done(): // the read goes on until the process ends, which it does now
		_, _ = io.WriteString(t.Err, "\r\n")
		return "", errStopped
	case err := <-typed:
		if errors.Is(err, io.EOF) { // Ctrl-C and Ctrl-D
			_, _ = io.WriteString(t.Err, "\r\n")
			return "", errStopped
		}
		return password, err
	}
}

var errStopped = &Exit{Code: interrupted, Err: errors.New("stopped; nothing was added")}

func typedTwice(screen *term.Terminal) (string, error) {
	var lines [2]string
	for i, prompt := range []string{"Password: ", "The same again: "} {
		line, err := screen.ReadPassword(prompt)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		lines[i] = line
	}
	if lines[0] != lines[1] {
		return "", errors.New("the two passwords are not the same")
	}
	return lines[0], nil
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
