package table

import (
	"errors"
	"io"
)

// source is the content of a workbook. Between it and us are a zip, deflate and
// XML, all of which have errors of their own; so those of reading are marked.
type source struct {
	content io.ReaderAt
	// left bounds what is read, where it is not zero.
	left int64
}

// readError is an error of reading, which no file is to blame for.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }

func (s *source) ReadAt(p []byte, at int64) (int, error) {
	if s.left > 0 {
		if int64(len(p)) >= s.left {
			return 0, &Fault{Reason: TooLarge, err: errors.New("the zip's directory")}
		}
		s.left -= int64(len(p))
	}
	n, err := s.content.ReadAt(p, at)
	if err != nil && !errors.Is(err, io.EOF) {
		err = &readError{err}
	}
	return n, err
}

// blame returns whose fault an error is: it is the file's, unless reading failed.
func blame(err error) error {
	if failed, ok := errors.AsType[*readError](err); ok {
		return failed.err
	}
	if fault, ok := errors.AsType[*Fault](err); ok {
		return fault
	}
	return &Fault{Reason: Damaged, err: err}
}
