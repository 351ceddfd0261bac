package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/usher-events/usher/pkg/broker"
)

// stages looks for what holds up imports: a stage that nobody runs, one that is paused,
// messages that are tried again and again.
func stages(ctx context.Context, b *broker.Broker) []Finding {
	const check = "stages"
	there, err := b.Presence(ctx)
	if err != nil {
		return []Finding{red(check, startBroker, "%s", err)}
	}
	// Who was too busy to answer once is not gone.
	again, err := b.Presence(ctx)
	if err != nil {
		return []Finding{red(check, startBroker, "%s", err)}
	}
	var found []Finding
	var missing []string
	waiting := 0
	for _, c := range b.Names().Consumers() {
		backlog, err := b.Backlog(ctx, c)
		if err != nil {
			continue // told with the streams
		}
		if until := backlog.PausedUntil; !until.IsZero() {
			found = append(found, warning(check, fmt.Sprintf("usher stage resume %s", c.Stage),
				"%s is paused until %s, and %d messages wait for it", c.Name, until.Format(time.RFC3339), backlog.Waiting))
		} else if len(there[c.Name])+len(again[c.Name]) == 0 {
			missing = append(missing, c.Name)
			waiting += backlog.Waiting + backlog.InFlight
		}
		if backlog.Tried > 0 {
			found = append(found, warning(check, "the log of the stage says why; usher status tells when the next try is",
				"%s tries %d messages again", c.Name, backlog.Tried))
		}
	}
	if len(missing) > 0 {
		found = append(found, warning(check, "start the services of these stages", "nobody runs %s, and %d messages wait for that", strings.Join(missing, ", "), waiting))
	}
	if len(found) == 0 {
		return []Finding{green(check, "all of them run")}
	}
	return found
}
