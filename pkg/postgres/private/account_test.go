package private

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// somebody is neither root nor the user of the tests.
var somebody = account{drop: true, name: "somebody", uid: 54321, gid: 54321}

func TestFolderThatTheServersUserCannotReachIsNamed(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(t.TempDir(), "closed")
	dir := filepath.Join(closed, "pg")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.Chmod(closed, 0o700))

	err := somebody.reach(dir)
	require.ErrorIs(t, err, ErrUnreachable)
	require.ErrorContains(t, err, "somebody may not pass "+closed)
	require.ErrorContains(t, err, "choose another --data")
	require.NotContains(t, err.Error(), "\n")

	require.NoError(t, account{}.reach(dir), "who runs it as himself finds out himself")
}

func TestFolderUnderOpenParentsIsReachable(t *testing.T) {
	t.Parallel()
	temp := t.TempDir()
	dir := filepath.Join(temp, "open", "pg")
	require.NoError(t, os.MkdirAll(dir, 0o711))
	require.NoError(t, os.Chmod(filepath.Dir(temp), 0o711))
	require.NoError(t, somebody.reach(dir))
}
