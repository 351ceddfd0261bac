package command

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/usher-events/usher/services/standalone/internal/client"
)

// Stage is `usher stage`.
type Stage struct {
	List   StageList   `cmd:"" help:"List the stages: how many processes run each, what it has before it, and whether it is paused."`
	Pause  StagePause  `cmd:"" help:"Hold up a stage: it finishes what it has in hand and begins nothing."`
	Resume StageResume `cmd:"" help:"Let a stage go on that is paused."`
}

// StageList is `usher stage list`.
type StageList struct{ client.Config }

// Run prints all stages, one line for each kind of import.
func (c *StageList) Run(ctx context.Context, t *Terminal) error {
	server, err := client.New(c.Config)
	if err != nil {
		return err
	}
	stages, err := server.Stages(ctx)
	if err != nil {
		return err
	}
	_, err = io.WriteString(t.Out, stagesText(stages, time.Now()))
	return err
}

func stagesText(stages []client.Stage, now time.Time) string {
	var b strings.Builder
	table := newTable(&b, "STAGE", "KIND", "RUNNING", "WAITING", "IN FLIGHT", "TRIED", "OLDEST", "PAUSED UNTIL")
	for _, s := range stages {
		oldest := ""
		if s.OldestSince != nil {
			oldest = max(0, now.Sub(*s.OldestSince)).Round(time.Second).String()
		}
		table.row(string(s.Stage), string(s.Kind), strconv.Itoa(len(s.Instances)), strconv.Itoa(s.Waiting),
			strconv.Itoa(s.InFlight), strconv.Itoa(s.Tried), oldest, timeText(s.PausedUntil))
	}
	_ = table.flush() // a strings.Builder takes everything
	return b.String()
}

// StagePause is `usher stage pause`.
type StagePause struct {
	client.Config
	Stage string        `arg:"" help:"Name of the stage."`
	For   time.Duration `help:"For how long, such as 30m or 1h; 168h at most." required:"" placeholder:"TIME"`
}

// Run pauses the stage and prints until when.
func (c *StagePause) Run(ctx context.Context, t *Terminal) error {
	server, err := client.New(c.Config)
	if err != nil {
		return err
	}
	until, err := server.Pause(ctx, c.Stage, c.For)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.Out, "%s is paused until %s.\n", client.Line(c.Stage), timeText(&until))
	return err
}

// StageResume is `usher stage resume`.
type StageResume struct {
	client.Config
	Stage string `arg:"" help:"Name of the stage."`
}

// Run resumes the stage.
func (c *StageResume) Run(ctx context.Context, t *Terminal) error {
	server, err := client.New(c.Config)
	if err != nil {
		return err
	}
	if err := server.Resume(ctx, c.Stage); err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.Out, "%s goes on.\n", client.Line(c.Stage))
	return err
}
