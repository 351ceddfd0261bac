package mail

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMessageIDsEndInTheDomainOfTheSender(t *testing.T) {
	t.Parallel()
	for _, from := range []string{"mail@usher.example", "Usher <mail@usher.example>", `"Usher @ home" <mail@usher.example>`} {
		require.Equal(t, "usher.example", Domain(from))
	}
}
