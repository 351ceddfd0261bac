package private

import (
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// After a restart of the machine the number in postmaster.pid may be anybody's.
func TestStalePostmasterFileHarmsNobodyAndIsNoObstacle(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.Chmod(filepath.Dir(dir), 0o755))
	f := folder(filepath.Join(dir, "pg"))
	s, err := Start(t.Context(), string(f), slog.New(slog.DiscardHandler), Throwaway())
	require.NoError(t, err)
	pidFile := filepath.Join(f.data(), "postmaster.pid")
	content, err := os.ReadFile(pidFile)
	require.NoError(t, err)
	require.NoError(t, s.Close())

	as, err := accountFor(f.data())
	require.NoError(t, err)
	innocent := exec.Command("sleep", "3600")
	innocent.SysProcAttr = as.sysProcAttr()
	require.NoError(t, innocent.Start())
	t.Cleanup(func() {
		require.NoError(t, innocent.Process.Kill())
		require.Error(t, innocent.Wait())
	})
	var old int
	_, err = fmt.Sscan(string(content), &old)
	require.NoError(t, err)
	stale := fmt.Sprint(innocent.Process.Pid) + string(content[len(fmt.Sprint(old)):])
	require.NoError(t, os.WriteFile(pidFile, []byte(stale), 0o600))
	require.NoError(t, as.own(pidFile))

	s, err = Start(t.Context(), string(f), slog.New(slog.DiscardHandler), Throwaway())
	require.NoError(t, err)
	require.NoError(t, innocent.Process.Signal(syscall.Signal(0)), "it still runs")
	require.NoError(t, s.Close())
}
