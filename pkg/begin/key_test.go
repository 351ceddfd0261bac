package begin

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/auth"
)

func TestImportIDKeepsItsPartsApart(t *testing.T) {
	t.Parallel()
	a := ImportID(auth.Identity{Issuer: "a", Subject: "bc"}, "POST /v1/events/import/json", "k")
	require.Equal(t, a, ImportID(auth.Identity{Issuer: "a", Subject: "bc"}, "POST /v1/events/import/json", "k"))
	require.NotEqual(t, a, ImportID(auth.Identity{Issuer: "ab", Subject: "c"}, "POST /v1/events/import/json", "k"))
	require.NotEqual(t, a, ImportID(auth.Identity{Issuer: "a", Subject: "bc"}, "POST /v1/events/import/jso", "nk"))
	require.NotEqual(t, a, ImportID(auth.Identity{Issuer: "a", Subject: "bc"}, "POST /v1/events/import/json", "K"))
	require.NotEqual(t, a, ImportID(auth.Identity{Issuer: "a", Subject: "bc"}, "POST /v1/users/import/json", "k"))
}
