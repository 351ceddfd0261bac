package private

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
)

// openLog opens the server's log for appending. One that became too big makes
// room first; one old log is kept.
func (f folder) openLog(as account) (*os.File, error) {
	if info, err := os.Stat(f.log()); err == nil && info.Size() > maxLogBytes {
		if err := os.Rename(f.log(), f.log()+".old"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	file, err := os.OpenFile(f.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if err := as.own(f.log()); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// complaint returns the first line after offset in which the server says why
// it gave up, or the last line where none looks like that.
func (f folder) complaint(offset int64) string {
	file, err := os.Open(f.log())
	if err != nil {
		return err.Error()
	}
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.NewSectionReader(file, offset, 64<<10))
	if err != nil {
		return err.Error()
	}
	for line := range strings.Lines(string(content)) {
		for _, level := range []string{"FATAL:", "PANIC:"} {
			if _, text, ok := strings.Cut(line, level); ok {
				return strings.TrimSpace(text)
			}
		}
	}
	return lastLine(content)
}
