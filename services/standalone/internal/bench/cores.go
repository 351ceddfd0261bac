package bench

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// cores is what the time of all cores of this machine went to so far, in ticks; time that a
// host has given to others counts as busy.
type cores struct{ all, idle int }

func coresNow() (cores, error) {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return cores{}, fmt.Errorf("time of the cores (only Linux tells it): %w", err)
	}
	line, _, _ := strings.Cut(string(stat), "\n")
	var c cores
	// user, nice, system, idle, waiting for disks, interrupts of two sorts, taken by the host
	for n, field := range strings.Fields(line)[1:9] {
		ticks, parsed := strconv.Atoi(field)
		err = errors.Join(err, parsed)
		c.all += ticks
		if n == 3 || n == 4 {
			c.idle += ticks
		}
	}
	return c, err
}

// busySince is how much of the cores was busy since, in percent.
func (c cores) busySince() (float64, error) {
	now, err := coresNow()
	if now.all == c.all {
		return 0, err
	}
	return 100 * (1 - float64(now.idle-c.idle)/float64(now.all-c.all)), err
}
