package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ticks is how many there are in a second of what /proc/<pid>/stat counts: the same on all
// systems that Go runs on.
const ticks = 100

// resident is how much memory, in bytes, a process has resident now.
func resident(pid int) (int64, error) { return memoryOf(pid, "VmRSS") }

// mostResident is the most memory, in bytes, that a process had resident at once. What
// the system tells of a process that has ended is no measure of it: that counts the memory
// of who started it, too, up to the moment in which the program began.
func mostResident(pid int) (int64, error) { return memoryOf(pid, "VmHWM") }

func memoryOf(pid int, name string) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("memory of a process (only Linux tells it): %w", err)
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			kilobytes, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			return kilobytes << 10, err
		}
	}
	return 0, fmt.Errorf("process %d does not tell its %s", pid, name)
}

// usage is what the system tells of a process.
type usage struct {
	parent int
	// cpu is the time of all cores that it has taken, and children that of those of its
	// children that have ended.
	cpu, children time.Duration
}

func usageOf(pid int) (usage, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return usage{}, fmt.Errorf("time of a process (only Linux tells it): %w", err)
	}
	// The name stands in parentheses and may have blanks; the state comes behind it.
	_, behind, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(behind)
	if len(fields) < 15 {
		return usage{}, fmt.Errorf("process %d tells %q of itself", pid, stat)
	}
	number := func(n int) (value int) {
		value, parsed := strconv.Atoi(fields[n])
		err = errors.Join(err, parsed)
		return value
	}
	spent := func(user, system int) time.Duration {
		return time.Duration(number(user)+number(system)) * (time.Second / ticks)
	}
	return usage{parent: number(1), cpu: spent(11, 12), children: spent(13, 14)}, err
}

// familyCPU is the time of all cores that a process and its children have taken, those that
// have ended as well.
func familyCPU(pid int) (time.Duration, error) {
	own, err := usageOf(pid)
	if err != nil {
		return 0, err
	}
	total := own.cpu + own.children
	all, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		return 0, err
	}
	for _, path := range all {
		other, err := strconv.Atoi(filepath.Base(path))
		if err != nil {
			return 0, err
		}
		if child, err := usageOf(other); err == nil && child.parent == pid { // else it has ended since
			total += child.cpu
		}
	}
	return total, nil
}
