package client_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

func TestLineKeepsEveryScriptAndNothingThatSteersATerminal(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"春のフェア, Ярмарка, معرض 🎪": "春のフェア, Ярмарка, معرض 🎪",
		"two\r\nlines\t.\n":    "two  lines .",
		"\x1b[2Jgone\u009b31m": "[2Jgone 31m",
		"a\u202eb\u2028c":      "a b c",
		"bad\xffbyte":          "bad\uFFFDbyte",
		"":                     "",
	} {
		require.Equal(t, want, client.Line(text))
	}
}
