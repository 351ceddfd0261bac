package chaos

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/usher-events/usher/contracts"
)

const mebibyte = 1 << 20

// gauge is a quantity and where it comes from.
type gauge struct {
	Quantity
	read func(context.Context) (float64, error)
}

// gauges are all that is looked at.
type gauges struct {
	w   *world
	all []*gauge
	// metrics are those of all services, summed up, as of the present look.
	metrics map[string]float64
}

func newGauges(w *world) *gauges {
	g := &gauges{w: w}
	names := contracts.Names{}
	g.add("resident memory of all services", "MiB", 16, 0, g.metric("process_resident_memory_bytes", mebibyte))
	g.add("goroutines of all services", "", 20, 0, g.metric("go_goroutines", 1))
	g.add("open files of all services", "", 20, 0, g.metric("process_open_fds", 1))
	g.add("resident memory of the broker", "MiB", 16, 0, g.brokerMemory)
	g.add("open files of the broker", "", 20, 0, g.brokerFiles)
	g.add("connections of the database", "", 5, 0, g.query("SELECT count(*)::float8 FROM pg_stat_activity"))
	g.add("tables of what was imported", "MiB", 2, 0, g.tables("schemaname <> 'query' AND relname <> 'import_fence'"))
	g.add("files of the bucket", "", 30, 0, g.blobs)
	g.add("remaps", "KiB", 64, 0, g.stream("KV_"+names.RemapsBucket()))
	g.add("uploads that are known again", "KiB", 64, 0, g.stream("KV_"+names.UploadsBucket()))
	// What is kept for 30 days, or for one, of imports that are gone.
	g.add("stream of facts", "KiB", 64, 32, g.stream(names.ImportsStream()))
	g.add("stream of progress", "KiB", 64, 64, g.stream(names.StatusStream()))
	g.add("tables of what there was", "KiB", 1024, 64, g.remembered())
	return g
}

// add takes one up; it may grow by its slack, and by so much for each import.
func (g *gauges) add(name, unit string, slack, remembered float64, read func(context.Context) (float64, error)) {
	g.all = append(g.all, &gauge{Quantity{Name: name, Unit: unit, Slack: slack, Remembered: remembered}, read})
}

// look reads all of them.
func (g *gauges) look(ctx context.Context, imports int) (err error) {
	if g.metrics, err = g.w.metrics(ctx); err != nil {
		return err
	}
	for _, one := range g.all {
		value, err := one.read(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", one.Name, err)
		}
		one.Samples, one.Imports = append(one.Samples, value), append(one.Imports, imports)
	}
	return nil
}

func (g *gauges) quantities() []Quantity {
	var all []Quantity
	for _, one := range g.all {
		all = append(all, one.Quantity)
	}
	return all
}

func (g *gauges) metric(name string, unit float64) func(context.Context) (float64, error) {
	return func(context.Context) (float64, error) {
		value, ok := g.metrics[name]
		if !ok {
			return 0, fmt.Errorf("no service tells %s", name)
		}
		return value / unit, nil
	}
}

// metrics sums up what all services tell of themselves without labels.
func (w *world) metrics(ctx context.Context) (map[string]float64, error) {
	sums := make(map[string]float64)
	for _, name := range names() {
		status, answer, err := w.ask(ctx, request{method: http.MethodGet, path: "/metrics"}, w.addresses[name])
		if err != nil || status != http.StatusOK {
			return nil, errors.Join(fmt.Errorf("metrics of %s: %d", name, status), err)
		}
		for lines := bufio.NewScanner(bytes.NewReader(answer)); lines.Scan(); {
			metric, text, _ := strings.Cut(lines.Text(), " ")
			if value, err := strconv.ParseFloat(text, 64); err == nil { // else it is a comment
				sums[metric] += value
			}
		}
	}
	return sums, nil
}

func (g *gauges) query(statement string) func(context.Context) (float64, error) {
	return func(ctx context.Context) (value float64, err error) {
		err = g.w.db.NewRaw(statement).Scan(ctx, &value)
		return value, err
	}
}

// tables is the size of tables with their indexes, in MiB.
func (g *gauges) tables(which string) func(context.Context) (float64, error) {
	return g.query("SELECT sum(pg_total_relation_size(relid))::float8 / 1048576 FROM pg_stat_user_tables WHERE " + which)
}

// remembered is the size of what stays of imports that were taken back, in KiB.
func (g *gauges) remembered() func(context.Context) (float64, error) {
	return g.query("SELECT sum(pg_total_relation_size(relid))::float8 / 1024 FROM pg_stat_user_tables WHERE schemaname = 'query' OR relname = 'import_fence'")
}

// stream is the size of a stream, in KiB.
func (g *gauges) stream(name string) func(context.Context) (float64, error) {
	return func(ctx context.Context) (float64, error) {
		s, err := g.w.js.Stream(ctx, name)
		if err != nil {
			return 0, err
		}
		return float64(s.CachedInfo().State.Bytes) / 1024, nil
	}
}

func (g *gauges) blobs(context.Context) (float64, error) {
	found, err := g.w.blobsOf()
	files := found.unfinished
	for _, some := range []map[string][]string{found.uploads, found.media, found.exports} {
		for _, keys := range some {
			files += len(keys)
		}
	}
	return float64(files), err
}

// brokerProc is a file or folder about the process of the broker.
func (g *gauges) brokerProc(name string) string {
	g.w.broker.mu.Lock()
	defer g.w.broker.mu.Unlock()
	return fmt.Sprintf("/proc/%d/%s", g.w.broker.running.Process.Pid, name)
}

func (g *gauges) brokerMemory(context.Context) (float64, error) {
	statm, err := os.ReadFile(g.brokerProc("statm"))
	if err != nil {
		return 0, fmt.Errorf("only Linux tells it: %w", err)
	}
	fields := strings.Fields(string(statm))
	if len(fields) < 2 {
		return 0, fmt.Errorf("%q", statm)
	}
	pages, err := strconv.ParseFloat(fields[1], 64)
	return pages * float64(os.Getpagesize()) / mebibyte, err
}

func (g *gauges) brokerFiles(context.Context) (float64, error) {
	open, err := os.ReadDir(g.brokerProc("fd"))
	return float64(len(open)), err
}
