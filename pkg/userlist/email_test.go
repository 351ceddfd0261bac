package userlist

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestAddressesThatAreTakenForPlainAreStandard(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		local := rapid.StringMatching(`[aZ0]{1,40}([._+-]{1,2}[aZ0]{1,20}){0,3}`).Draw(t, "local")
		domain := rapid.StringMatching(`[aZ0]{1,66}([.-]{1,2}[aZ0]{1,66}){0,4}`).Draw(t, "domain")
		if address := local + "@" + domain; isPlainEmail(address) {
			require.True(t, isStandardEmail(address), address)
		}
	})
}

func TestNearlyAllAddressesArePlain(t *testing.T) {
	t.Parallel()
	for address, plain := range map[string]bool{
		"ada@example.org":                        true,
		"Ada.B+list_1-2@mail-3.example.co.uk":    true,
		"ada@localhost":                          false,
		"ada@xn--mnchen-3ya.example":             false,
		"ada..b@example.org":                     false,
		"ada@example.org.":                       false,
		"ada@" + strings.Repeat("a", 64) + ".de": false,
		"ada@ex@ample.org":                       false,
		"ünïcødé@example.org":                    false,
		"":                                       false,
	} {
		require.Equal(t, plain, isPlainEmail(address), address)
	}
}
