package private

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldestMajor is the oldest version that Usher is tried with.
const oldestMajor = 13

// installation is one PostgreSQL on this machine.
type installation struct {
	bin   string
	major int
}

func (i installation) program(name string) string { return filepath.Join(i.bin, name) }

// places is where packages put the binaries, beside PATH.
func places() []string {
	return []string{
		"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
		"/usr/pgsql-*/bin",                                   // Fedora, RHEL, from postgresql.org
		"/usr/local/pgsql/bin",                               // built from source
		"/opt/homebrew/opt/postgresql@*/bin",                 // Homebrew on Apple silicon
		"/usr/local/opt/postgresql@*/bin",                    // Homebrew on Intel
		"/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
		"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",    // Homebrew on Linux
	}
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) ([0-9]+)`)

// installed returns what is on PATH and at the places, the newest first.
func installed(ctx context.Context, places []string) []installation {
	var bins []string
	if path, err := exec.LookPath("initdb"); err == nil {
		bins = append(bins, filepath.Dir(path))
	}
	for _, place := range places {
		found, _ := filepath.Glob(place) // the only error is a bad pattern
		bins = append(bins, found...)
	}
	var all []installation
	for _, bin := range bins {
		i := installation{bin: bin}
		if _, err := os.Stat(i.program("initdb")); err != nil {
			continue
		}
		cmd := exec.CommandContext(ctx, i.program("postgres"), "--version")
		cmd.Env = environment()
		out, err := cmd.Output()
		if err != nil {
			continue
		}
		version := versionPattern.FindSubmatch(out)
		if version == nil {
			continue
		}
		i.major, _ = strconv.Atoi(string(version[1])) // digits only
		if i.major >= oldestMajor {
			all = append(all, i)
		}
	}
	slices.SortStableFunc(all, func(a, b installation) int { return b.major - a.major })
	return all
}

// choose takes the version that the cluster was made by, or the newest one
// for a cluster that is yet to be made.
func choose(all []installation, data string) (installation, error) {
	if len(all) == 0 {
		return installation{}, ErrNotInstalled
	}
	content, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, fs.ErrNotExist) {
		return all[0], nil
	}
	if err != nil {
		return installation{}, err
	}
	made := strings.TrimSpace(string(content))
	var majors []string
	for _, i := range all {
		if strconv.Itoa(i.major) == made {
			return i, nil
		}
		majors = append(majors, strconv.Itoa(i.major))
	}
	return installation{}, fmt.Errorf("%s: %w (made by %s, installed: %s): install PostgreSQL %s or choose another --data",
		data, ErrWrongVersion, made, strings.Join(slices.Compact(majors), ", "), made)
}

// environment is all that the programs of PostgreSQL see of ours: variables
// such as PGPORT or a user's locale must not change what they do.
func environment() []string {
	return []string{"LC_ALL=C", "PATH=/usr/local/bin:/usr/bin:/bin"}
}
