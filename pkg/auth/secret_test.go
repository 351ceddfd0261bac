package auth_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/usher-events/usher/pkg/auth"
)

func TestSecretFromFileMakesOneSecretForAll(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := filepath.Join(folder, "jwt.secret")
	secrets := make([][]byte, 32)
	var group sync.WaitGroup
	for i := range secrets {
		group.Go(func() {
			var err error
			if secrets[i], err = auth.SecretFromFile(path); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()

	for _, secret := range secrets {
		require.Equal(t, secrets[0], secret)
	}
	require.GreaterOrEqual(t, len(secrets[0]), auth.MinSecret)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, left, 1, "temporary files are gone")

	other, err := auth.SecretFromFile(filepath.Join(t.TempDir(), "jwt.secret"))
	require.NoError(t, err)
	require.NotEqual(t, secrets[0], other)
}

func TestSecretFromFileTakesWhatAnOperatorWrote(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "jwt.secret")
	require.NoError(t, os.WriteFile(path, []byte("  chosen by hand, 32 bytes and more\n"), 0o600))
	secret, err := auth.SecretFromFile(path)
	require.NoError(t, err)
	require.Equal(t, "chosen by hand, 32 bytes and more", string(secret))
}

func TestSecretFromFileRefusesAShortSecretAndAMissingFolder(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "jwt.secret")
	require.NoError(t, os.WriteFile(path, []byte("short\n"), 0o600))
	_, err := auth.SecretFromFile(path)
	require.ErrorContains(t, err, "at least 32")
	require.NotContains(t, err.Error(), "short\n")

	_, err = auth.SecretFromFile(filepath.Join(t.TempDir(), "missing", "jwt.secret"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
