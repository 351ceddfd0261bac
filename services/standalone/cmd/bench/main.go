// Command bench measures a built usher on this machine: "make bench".
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/usher-events/usher/services/standalone/internal/bench"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		_, _ = fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	cfg := bench.Config{Environment: os.Environ()}
	flag.StringVar(&cfg.Usher, "usher", "bin/usher", "the binary to measure")
	flag.StringVar(&cfg.Folder, "dir", "", "where to make a temporary folder; it has to be on a disk (default the system's)")
	flag.IntVar(&cfg.Runs, "n", 9, "how often each thing is measured")
	flag.IntVar(&cfg.Sessions, "sessions", bench.DefaultSessions, "how many sessions the archive has")
	flag.IntVar(&cfg.Speakers, "speakers", bench.DefaultSpeakers, "how many speakers it has")
	flag.IntVar(&cfg.Users, "users", bench.DefaultUsers, "how many users the list of the table lists has")
	flag.IntVar(&cfg.Hashed, "hashed", bench.DefaultHashed, "how many users the list of the table passwords has")
	flag.IntVar(&cfg.Million, "million", bench.DefaultMillion, "how many users the lists of the table million have")
	flag.IntVar(&cfg.Streams, "streams", bench.DefaultStreams, "how many streams the table streams has open")
	flag.IntVar(&cfg.Changes, "changes", bench.DefaultChanges, "how many changes it makes, 100 a second")
	flag.DurationVar(&cfg.Load, "load", bench.DefaultLoad, "for how long the table throughput uploads in each run")
	flag.IntVar(&cfg.Messages, "messages", bench.DefaultMessages, "how many messages there are in each round of the table broker")
	flag.IntVar(&cfg.Backlog, "backlog", bench.DefaultBacklog, "how many imports wait for media in the table scaleout")
	flag.DurationVar(&cfg.Idle, "idle", bench.DefaultIdle, "for how long it looks at replicas that have nothing to do")
	cfg.Growth = bench.DefaultGrowth()
	flag.Func("growth", "the sizes of the table growth, in sessions, parted by commas (default 1000,10000,100000,1000000)", func(text string) (err error) {
		cfg.Growth, err = numbers(text)
		return err
	})
	flag.IntVar(&cfg.Exported, "exported", bench.DefaultExported, "how many sessions the event of the table export has")
	flag.IntVar(&cfg.Films, "films", bench.DefaultFilms, "how many films of 1 MiB it has")
	only := flag.String("table", "", "the tables to make, parted by commas: "+strings.Join(bench.Names(), ",")+" (default all but passwords, growth, export, million, large and streams, which take minutes)")
	file := flag.String("json", "", "a file to write the report to as JSON")
	profile := flag.String("profile", "", "a file for a CPU profile of usher in the table throughput, for go tool pprof")
	log := flag.String("log", os.DevNull, "a file for what the processes log")
	flag.Parse()
	if *only != "" {
		cfg.Tables = strings.Split(*only, ",")
	}
	if *profile != "" {
		var into *os.File
		if into, err = os.Create(*profile); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, into.Close()) }()
		cfg.Profile = into
	}
	said, err := os.Create(*log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, said.Close()) }()
	cfg.Log = said

	report, err := bench.Run(ctx, cfg)
	if err != nil {
		return err
	}
	if *file != "" {
		b, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(*file, append(b, '\n'), 0o644); err != nil { //nolint:gosec // nothing in it is secret
			return err
		}
	}
	return report.Print(os.Stdout)
}

// numbers reads a list of them.
func numbers(text string) ([]int, error) {
	var all []int
	for one := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(one)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}
