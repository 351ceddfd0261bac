// Command chaos runs Usher as processes, harms them at random, and tells whether
// anything was lost, doubled or orphaned: "make chaos".
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/usher-events/usher/services/standalone/internal/chaos"
)

// perImport is how much time there is for each import, unless -for says another:
// so much that something is under way at most moments, and not everything at once.
const perImport = time.Second / 2

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		_, _ = fmt.Fprintf(os.Stderr, "chaos: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	cfg := chaos.Config{Out: out}
	flag.StringVar(&cfg.Usher, "usher", "bin/usher", "the usher to run")
	flag.StringVar(&cfg.NATS, "nats", "nats-server", "the broker to run")
	flag.StringVar(&cfg.Folder, "dir", "", "where to make a temporary folder (default the system's)")
	flag.Uint64Var(&cfg.Seed, "seed", 0, "what decides uploads and mischief; 0 is one at random")
	seeds := flag.Int("seeds", 1, "how many seeds to run, one after the other, counted up")
	flag.IntVar(&cfg.Imports, "imports", 300, "how many uploads there are")
	flag.DurationVar(&cfg.For, "for", 0, "how long the mischief lasts (default half a second for each import)")
	flag.Parse()
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "USHER_") {
			cfg.Environment = append(cfg.Environment, variable)
		}
	}
	if cfg.Seed == 0 {
		cfg.Seed = rand.Uint64N(1_000_000) + 1
	}
	if cfg.For == 0 {
		cfg.For = time.Duration(cfg.Imports) * perImport
	}
	found := 0
	for range *seeds {
		report, err := chaos.Run(ctx, cfg)
		if err != nil {
			return errors.Join(err, report.Print(out))
		}
		if err := report.Print(out); err != nil {
			return err
		}
		found += len(report.Findings)
		cfg.Seed++
	}
	if found > 0 {
		return fmt.Errorf("%d findings", found)
	}
	return nil
}
