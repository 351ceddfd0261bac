package auth

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func rowKeysOf(t *testing.T, secret string) *RowKeys {
	t.Helper()
	k, err := NewRowKeys(Config{Secret: secret, Issuer: "usher", Audience: "usher"})
	require.NoError(t, err)
	return k
}

func TestRowKeyIsReadBackByWhoHasTheSameSecretForTheSameImportOnly(t *testing.T) {
	t.Parallel()
	const secret = "a secret for tests that is long enough"
	importID := uuid.NewString()
	key := rowKeysOf(t, secret).Key(importID, 17)
	require.Regexp(t, `^17\.[A-Za-z0-9_-]{22}$`, key)
	n, ok := rowKeysOf(t, secret).Read(importID, key)
	require.True(t, ok)
	require.Equal(t, 17, n)

	_, ok = rowKeysOf(t, secret).Read(uuid.NewString(), key)
	require.False(t, ok, "of another import")
	_, ok = rowKeysOf(t, secret+"!").Read(importID, key)
	require.False(t, ok, "of another installation")
}

func TestRowKeyThatWasAlteredIsNone(t *testing.T) {
	t.Parallel()
	k, importID := rowKeysOf(t, "a secret for tests that is long enough"), uuid.NewString()
	key := k.Key(importID, 17)
	for at := range key {
		altered := []byte(key)
		altered[at]++
		_, ok := k.Read(importID, string(altered))
		require.False(t, ok, "character %d", at)
	}
	for _, bad := range []string{"", "17", "17.", "0" + key, "+" + key, "-" + key, " " + key, key + " ", key + "A", key + "\n", "99999999999999999999." + key[3:]} {
		_, ok := k.Read(importID, bad)
		require.False(t, ok, "%q", bad)
	}
}
