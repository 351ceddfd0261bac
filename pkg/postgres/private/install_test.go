package private

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestNewestInstallationIsTakenForANewFolder(t *testing.T) {
	place := fakeInstallations(t, "9.6.24", "12.3", "14.1", "17beta1", "15.18 (Debian 15.18-0+deb12u1)")
	t.Setenv("PATH", "")

	all := installed(t.Context(), []string{place})
	require.Len(t, all, 3, "only versions that we support")
	pg, err := choose(all, filepath.Join(t.TempDir(), "data"))
	require.NoError(t, err)
	require.Equal(t, 17, pg.major)
}

func TestFolderGetsTheVersionThatMadeIt(t *testing.T) {
	place := fakeInstallations(t, "14.1", "17.2")
	t.Setenv("PATH", "")
	data := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("14\n"), 0o600))

	pg, err := choose(installed(t.Context(), []string{place}), data)
	require.NoError(t, err)
	require.Equal(t, 14, pg.major)
}

func TestMissingPostgreSQLIsSaidWithTheWayToInstallIt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := choose(installed(t.Context(), nil), t.TempDir())
	require.ErrorIs(t, err, ErrNotInstalled)
	for _, way := range []string{"apt install", "dnf install", "brew install", "USHER_DATABASE_URL"} {
		require.ErrorContains(t, err, way)
	}
}

func TestInstallationOnPathIsFound(t *testing.T) {
	place := fakeInstallations(t, "16.4")
	bins, err := filepath.Glob(place)
	require.NoError(t, err)
	t.Setenv("PATH", bins[0])
	require.Equal(t, []installation{{bin: bins[0], major: 16}}, installed(t.Context(), nil))
}

// fakeInstallations makes folders whose postgres knows nothing but its version.
func fakeInstallations(t *testing.T, versions ...string) (place string) {
	t.Helper()
	dir := t.TempDir()
	for i, version := range versions {
		bin := filepath.Join(dir, fmt.Sprint(i), "bin")
		require.NoError(t, os.MkdirAll(bin, 0o755))
		script := fmt.Sprintf("#!/bin/sh\necho 'postgres (PostgreSQL) %s'\n", version)
		require.NoError(t, os.WriteFile(filepath.Join(bin, "postgres"), []byte(script), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(bin, "initdb"), []byte("#!/bin/sh\nexit 1\n"), 0o755))
	}
	return filepath.Join(dir, "*", "bin")
}
