package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/usher-events/usher/pkg/service"
	"github.com/usher-events/usher/services/standalone"
	"github.com/usher-events/usher/services/standalone/internal/client"
	"github.com/usher-events/usher/services/standalone/internal/doctor"
)

// Doctor is `usher doctor`.
type Doctor struct {
	Data           string   `help:"Look at the folder of an usher up that is stopped, where the settings name nothing else." placeholder:"DIR"`
	NATSMonitoring []string `name:"nats-monitoring" help:"Address of the monitoring of a server of the broker, such as http://host:8222; for each of them." placeholder:"URL"`
	JSON           bool     `name:"json" help:"Print JSON."`
}

// Run prints what was found. The status is 1 where anything is red.
func (c *Doctor) Run(ctx context.Context, t *Terminal) error {
	findings, err := c.findings(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		encoder := json.NewEncoder(t.Out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(findings)
	} else {
		_, err = io.WriteString(t.Out, findingsText(findings))
	}
	if err != nil {
		return err
	}
	if slices.ContainsFunc(findings, func(f doctor.Finding) bool { return f.Verdict == doctor.Red }) {
		return &Exit{Code: failed}
	}
	return nil
}

func (c *Doctor) findings(ctx context.Context) ([]doctor.Finding, error) {
	cfg, err := service.ConfigFromEnv()
	if err != nil {
		return doctor.Unreadable(err), nil
	}
	patient := doctor.Patient{Config: cfg, Services: standalone.Services(), Monitoring: c.NATSMonitoring, Now: time.Now}
	if c.Data != "" {
		if _, err := os.Stat(c.Data); err != nil { // it is looked at, and not made
			return nil, fmt.Errorf("data folder: %w", err)
		}
		ground, err := standalone.Found(ctx, cfg, standalone.Folder(c.Data), "", cfg.Logger(io.Discard))
		if err != nil {
			return nil, err
		}
		defer ground.Close() //nolint:errcheck // nothing was written
		patient.Config, patient.Embedded = ground.Config, ground.NATS
	}
	return doctor.Examine(ctx, patient), nil
}

// findingsText is for reading: a line for each finding, and one for what to do.
func findingsText(findings []doctor.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%-8s %-19s %s\n", f.Verdict, f.Check, client.Line(f.Says))
		if f.Todo != "" {
			fmt.Fprintf(&b, "%-28s → %s\n", "", client.Line(f.Todo))
		}
	}
	return b.String()
}
