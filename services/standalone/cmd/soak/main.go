// Command soak works Usher as processes under a steady load, restarts them, and tells
// whether what it takes is flat at the end: "make soak".
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/usher-events/usher/services/standalone/internal/chaos"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		_, _ = fmt.Fprintf(os.Stderr, "soak: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	cfg := chaos.SoakConfig{Out: out}
	flag.StringVar(&cfg.Usher, "usher", "bin/usher", "the usher to run")
	flag.StringVar(&cfg.NATS, "nats", "nats-server", "the broker to run")
	flag.StringVar(&cfg.Folder, "dir", "", "where to make a temporary folder (default the system's)")
	flag.DurationVar(&cfg.For, "for", 20*time.Minute, "how long it lasts")
	flag.Parse()
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "USHER_") {
			cfg.Environment = append(cfg.Environment, variable)
		}
	}
	report, err := chaos.Soak(ctx, cfg)
	if err = errors.Join(err, report.Print(out)); err != nil {
		return err
	}
	if bad := len(report.Findings) + len(report.Growing()); bad > 0 {
		return fmt.Errorf("%d things are not as they should be", bad)
	}
	return nil
}
