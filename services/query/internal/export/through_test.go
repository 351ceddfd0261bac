package export

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// hello writes as long as somebody reads.
func hello(_ context.Context, to io.Writer) error {
	for {
		if _, err := io.WriteString(to, "hello"); err != nil {
			return err
		}
	}
}

func TestWhatAPanicOfTheWriterSaysHasNoStack(t *testing.T) {
	t.Parallel()
	err := through(t.Context(), func(context.Context, io.Writer) error { panic("a pen broke") }, func(from io.Reader) error {
		_, err := io.ReadAll(from)
		return err
	})
	require.EqualError(t, err, "panic: a pen broke")
}

func TestWriterHasEndedWhenItsReaderHas(t *testing.T) {
	t.Parallel()
	full := errors.New("the store is full")
	for name, read := range map[string]func(io.Reader) error{
		"it fails": func(from io.Reader) error {
			_, err := from.Read(make([]byte, 3))
			return errors.Join(full, err)
		},
		"it reads nothing": func(io.Reader) error { return full },
		"it panics":        func(io.Reader) error { panic(full) },
	} {
		for which, write := range map[string]func(context.Context, io.Writer) error{
			"a write": hello,
			"a query": func(ctx context.Context, _ io.Writer) error { <-ctx.Done(); return ctx.Err() },
		} {
			if name == "it fails" && which == "a query" {
				continue // which would be waited for
			}
			t.Run(name+" during "+which, func(t *testing.T) {
				t.Parallel()
				ended := false
				err := recovered(func() error {
					return through(t.Context(), func(ctx context.Context, to io.Writer) error {
						defer func() { ended = true }()
						return write(ctx, to)
					}, read)
				})
				require.ErrorContains(t, err, full.Error())
				require.True(t, ended)
			})
		}
	}
}
