// Package bench measures Usher on the machine that it runs on, and prints what
// it found as tables and as JSON. The command bench runs it; nothing of it is
// part of the usher binary, and nothing that is measured knows of it: the
// numbers are those of the very binary that people start.
//
// Each table is one file here, with one line in tables.
package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Config says what is measured, and how.
type Config struct {
	// Usher is the path of the binary to measure.
	Usher string
	// Environment is what it is started with, as os.Environ gives it. Variables
	// of Usher in it are left out: what is measured are the defaults.
	Environment []string
	// Folder is where the run makes a temporary folder of its own; empty is the
	// system's. It has to be on a disk.
	Folder string
	// Runs is how often each thing is measured after its warm-up, at least MinRuns.
	Runs int
	// Sessions and Speakers are how many of each the archives have.
	Sessions, Speakers int
	// Large is how many sessions the archive of the table "large" has; 0 is as
	// many as come to 1 GB.
	Large int
	// Users is how many users the list of the table "lists" has, Hashed that of the table
	// "passwords", and Million that of the table "million".
	Users, Hashed, Million int
	// Streams are how many streams the table "streams" has open, and Changes how many
	// changes it makes, 100 a second.
	Streams, Changes int
	// Load is for how long the table "throughput" uploads in each run.
	Load time.Duration
	// Profile takes a CPU profile of Usher in a run of that table; nil is nobody.
	Profile io.Writer
	// Messages is how many there are in each round of the table "broker".
	Messages int
	// Growth are the sizes of the table "growth", in sessions.
	Growth []int
	// Exported is how many sessions the event of the table "export" has, Films how many films.
	Exported, Films int
	// Backlog is how many imports wait for media in the table "scaleout", and Idle for how
	// long it looks at replicas that have nothing to do.
	Backlog int
	Idle    time.Duration
	// Tables names those to make; none means all but those that take minutes.
	Tables []string
	// Log takes what the started processes say.
	Log io.Writer
}

// The size of a real event of several days, FOSSASIA 2016.
const (
	DefaultSessions = 493
	DefaultSpeakers = 187
)

// The sizes of lists of users: of a very large event, of one whose passwords are hashed
// within a minute, and of the largest that there may be.
const (
	DefaultUsers   = 100_000
	DefaultHashed  = 2_000
	DefaultMillion = 1_000_000
)

// What the table "streams" does: half a minute of changes.
const (
	DefaultStreams = 10_000
	DefaultChanges = 3_000
)

// What the tables of speed do: enough to tell ten seconds of work from its noise.
const (
	DefaultLoad     = 10 * time.Second
	DefaultMessages = 4_000
	DefaultBacklog  = 16
	DefaultIdle     = time.Minute
)

// DefaultGrowth are the sizes of imports from a small event to the largest.
func DefaultGrowth() []int { return []int{1_000, 10_000, 100_000, 1_000_000} }

// What the table "export" exports: 2 GiB of films.
const (
	DefaultExported = 100_000
	DefaultFilms    = 2_048
)

// MinRuns is the least number of runs that a median is taken of.
const MinRuns = 5

// maker makes one table of the report.
type maker struct {
	name string
	make func(context.Context, *world) (Table, error)
	// long tells that it is made only where it is asked for.
	long bool
}

// tables lists every table, in the order in which they are made.
func tables() []maker {
	return []maker{
		{name: "imports", make: imports},
		{name: "stages", make: stages},
		{name: "check", make: check},
		{name: "lists", make: lists},
		{name: "passwords", make: passwords, long: true},
		{name: "broker", make: brokerPath},
		{name: "throughput", make: throughput},
		// The last ones: they end the process that the others measure.
		{name: "scaleout", make: scaleOut},
		{name: "growth", make: growth, long: true},
		{name: "export", make: exports, long: true},
		{name: "million", make: million, long: true},
		{name: "large", make: large, long: true},
		{name: "streams", make: streams, long: true}, // and this one leaves a stage paused
	}
}

// Names lists the tables that there are.
func Names() []string {
	var names []string
	for _, t := range tables() {
		names = append(names, t.name)
	}
	return names
}

func (c Config) validate() error {
	var errs []error
	if c.Runs < MinRuns {
		errs = append(errs, fmt.Errorf("%d runs are too few for a median, it takes at least %d", c.Runs, MinRuns))
	}
	for _, name := range c.Tables {
		if !slices.Contains(Names(), name) {
			errs = append(errs, fmt.Errorf("there is no table %q: there are %s", name, strings.Join(Names(), ", ")))
		}
	}
	return errors.Join(errs...)
}

// Run starts Usher on a folder of its own, measures, and removes all of it
// again. It refuses to measure a database that does not make its commits durable.
func Run(ctx context.Context, cfg Config) (report Report, err error) {
	if err := cfg.validate(); err != nil {
		return report, err
	}
	w, err := openWorld(ctx, cfg)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if report.Machine, err = w.machine(ctx); err != nil {
		return report, err
	}
	for _, t := range tables() {
		if asked := slices.Contains(cfg.Tables, t.name); !asked && (len(cfg.Tables) > 0 || t.long) {
			continue
		}
		made, err := t.make(ctx, w)
		if err != nil {
			return report, fmt.Errorf("table %s: %w", t.name, err)
		}
		made.Name = t.name
		report.Tables = append(report.Tables, made)
	}
	return report, nil
}
