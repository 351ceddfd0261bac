package mail

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAnswersOfTheServerAreKeptWithoutSecretsAndAddresses(t *testing.T) {
	t.Parallel()
	u, err := url.Parse("smtp://me%40usher.example:s%2Fcret%20word@mail.example")
	require.NoError(t, err)
	s := newScrubber(u.User)
	for name, answer := range map[string]string{
		"plain":          "535 me@usher.example may not come in with s/cret word",
		"other case":     "535 ME@USHER.EXAMPLE: S/CRET WORD",
		"of the URL":     "535 smtp://me%40usher.example:s%2Fcret%20word@mail.example",
		"of a query":     "535 password=s%2Fcret+word",
		"base64":         "535 AUTH LOGIN bWVAdXNoZXIuZXhhbXBsZQ== cy9jcmV0IHdvcmQ=",
		"base64, both":   "535 AUTH PLAIN AG1lQHVzaGVyLmV4YW1wbGUAcy9jcmV0IHdvcmQ=",
		"base64, cut":    "535 AUTH PLAIN AG1lQHVzaGVyLmV4YW1wbGUAcy9jcmV0IHdvcmQ",
		"recipient":      "550 <olga@organizers.example>: Olga@Organizers.example is not here",
		"what was added": "550 no, affected recipient(s): olga@organizers.example, affected message ID: <1@x>",
	} {
		text := s.clean(errors.New(answer), Row{Recipient: "Olga <olga@organizers.example>"})
		for _, secret := range []string{
			"me@usher", "s/cret", "s%2fcret", "me%40", "bwvad", "cy9jcm", "ag1lqh", "olga@", "message id",
		} {
			require.NotContains(t, strings.ToLower(text), secret, name)
		}
		require.Equal(t, answer[:3], text[:3], name)
	}
}

func TestAnswersOfTheServerAreKeptInOneShortLine(t *testing.T) {
	t.Parallel()
	text := scrubber{}.clean(fmt.Errorf("550 no\r\nX-Header: 1\x00 %s", strings.Repeat("ü", 5000)), Row{Recipient: "olga@organizers.example"})
	require.Len(t, []rune(text), maxFailure)
	require.True(t, strings.HasPrefix(text, "550 no X-Header: 1 ü"), text)
	require.Equal(t, "421 a b", scrubber{}.clean(errors.New("421 a b"), Row{}))
}
