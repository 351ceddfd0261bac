package doctor

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/usher-events/usher/pkg/broker"
)

// Tokens count between machines whose clocks are half a minute apart at most; what is a
// sixth of that is worth a look.
const clockWarning, clockRed = 5 * time.Second, 30 * time.Second

const mendClock = "have both machines take their time from one place (chrony, systemd-timesyncd)"

func brokerClock(ctx context.Context, p Patient, b *broker.Broker) []Finding {
	const check = "broker clock"
	before := p.Now()
	s, err := b.JetStream().Stream(ctx, b.Names().ImportsStream())
	if err != nil {
		return nil // told with the streams
	}
	return []Finding{apart(check, before, s.CachedInfo().TimeStamp, p.Now())}
}

func databaseClock(ctx context.Context, p Patient, db *bun.DB) []Finding {
	const check = "database clock"
	before := p.Now()
	var theirs time.Time
	if err := db.NewRaw(`SELECT clock_timestamp()`).Scan(ctx, &theirs); err != nil {
		return []Finding{red(check, startDatabase, "%s", err)}
	}
	return []Finding{apart(check, before, theirs, p.Now())}
}

// apart judges another clock that was read between two moments of ours: what it is
// outside of them is the least that it is wrong by.
func apart(check string, before, theirs, after time.Time) Finding {
	by := max(before.Sub(theirs), theirs.Sub(after), 0)
	const says = "it and the clock here are %s apart"
	shown := by.Round(time.Millisecond)
	switch {
	case by > clockRed:
		return red(check, mendClock, says, shown)
	case by > clockWarning:
		return warning(check, mendClock, says, shown)
	}
	return green(check, says, shown)
}
