package bench

import (
	"bufio"
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Machine is what the numbers hold for.
type Machine struct {
	System string `json:"system"`
	CPU    string `json:"cpu"`
	Cores  int    `json:"cores"`
	// Sync is how long it takes to make 4 KiB durable.
	Sync       Measure `json:"sync"`
	Usher      string  `json:"usher"`
	Go         string  `json:"go"`
	NATS       string  `json:"nats"`
	PostgreSQL string  `json:"postgresql"`
	// Settings are those of the database that decide what a commit is worth.
	Settings map[string]string `json:"settings"`
}

// durable are the settings that a commit is worth nothing without. Usher's own
// connections ask for synchronous commits, whatever the server's default is.
var durable = []string{"fsync", "synchronous_commit", "full_page_writes"}

func (m Machine) print(b *strings.Builder) {
	fmt.Fprintf(b, "%d cores (%s), %s\n", m.Cores, m.CPU, m.System)
	fmt.Fprintf(b, "fdatasync of 4 KiB: %.2f ms at the median of %d, %.2f to %.2f ms\n",
		m.Sync.Median, len(m.Sync.Samples), m.Sync.Min, m.Sync.Max)
	fmt.Fprintf(b, "Usher %s, %s, NATS %s (every write synced), PostgreSQL %s", m.Usher, m.Go, m.NATS, m.PostgreSQL)
	for _, name := range durable {
		fmt.Fprintf(b, ", %s=%s", name, m.Settings[name])
	}
	b.WriteString("\n")
}

func (w *world) machine(ctx context.Context) (Machine, error) {
	m := Machine{System: runtime.GOOS + "/" + runtime.GOARCH, CPU: cpuModel(), Cores: runtime.NumCPU(), Settings: make(map[string]string)}
	build, err := buildinfo.ReadFile(w.usher.cmd.Path)
	if err != nil {
		return m, fmt.Errorf("the binary: %w", err)
	}
	m.Go = build.GoVersion
	if m.Usher, err = w.cfg.output(ctx, nil, "--version"); err != nil {
		return m, err
	}
	for _, dependency := range build.Deps {
		if dependency.Path == "github.com/nats-io/nats-server/v2" {
			m.NATS = strings.TrimPrefix(dependency.Version, "v")
		}
	}
	if m.PostgreSQL, err = show(ctx, w.db, "server_version"); err != nil {
		return m, err
	}
	for _, name := range durable {
		if m.Settings[name], err = show(ctx, w.db, name); err != nil {
			return m, err
		}
		if m.Settings[name] == "off" {
			return m, fmt.Errorf("the database runs with %s=off: what it commits may be lost, so its speed says nothing", name)
		}
	}
	times, err := syncTimes(w.folder)
	m.Sync = durations("fdatasync of 4 KiB", times)
	return m, err
}

func show(ctx context.Context, db *pgx.Conn, setting string) (value string, err error) {
	if err := db.QueryRow(ctx, "SELECT current_setting($1)", setting).Scan(&value); err != nil {
		return "", fmt.Errorf("setting %s: %w", setting, err)
	}
	return value, nil
}

const (
	syncWrites = 200
	syncBytes  = 4 << 10
)

// syncTimes makes small writes durable, one after another, as a log does.
func syncTimes(folder string) (times []time.Duration, err error) {
	f, err := os.Create(filepath.Join(folder, "sync"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	block := make([]byte, syncBytes)
	for range syncWrites {
		begin := time.Now()
		if _, err := f.Write(block); err != nil {
			return nil, err
		}
		if err := syncData(f); err != nil {
			return nil, err
		}
		times = append(times, time.Since(begin))
	}
	return times, nil
}

// cpuModel is the name that Linux has for the processor, where it says one.
func cpuModel() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer f.Close() //nolint:errcheck // it was only read
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
