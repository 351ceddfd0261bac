package chaos

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/usher-events/usher/contracts"
)

// patience is how long nothing may change before what has not ended is given up
// for stuck. It is longer than the lease of a mail, three minutes.
const patience = 4 * time.Minute

// mostAttempts bounds the replays of one import.
const mostAttempts = 20

var errStuck = errors.New("nothing goes on")

// outcome is what an import has come to.
type outcome struct {
	state contracts.State
	code  string
	made  contents
	// archive is what the one of an export says, nil of everything else.
	archive *archived
}

// calm imports each cargo once, and exports what it has made, while nothing is harmed,
// and remembers what came of it.
func (l *load) calm(ctx context.Context, cargoes []*cargo) error {
	for i, c := range cargoes {
		s := &shipment{cargo: c, key: fmt.Sprintf("calm-%d", i)}
		id, err := l.w.upload(ctx, s)
		if err != nil {
			return err
		}
		l.accept(s, id)
	}
	if err := l.w.settle(ctx, l.soFar()); err != nil {
		return fmt.Errorf("calm imports: %w", err)
	}
	if err := l.calmExports(ctx); err != nil {
		return fmt.Errorf("calm exports: %w", err)
	}
	courses, err := l.w.courses(ctx)
	if err != nil {
		return err
	}
	tables, err := l.w.tables(ctx)
	if err != nil {
		return err
	}
	for _, s := range l.soFar() {
		c := courses[s.id]
		if c == nil || c.state != s.want || c.code != s.code {
			return fmt.Errorf("calm import of %s: not %s %s: %+v", s.name, s.want, s.code, c)
		}
		s.calm = &outcome{state: c.state, code: c.code, made: tables[s.id].made()}
		if s.kind == contracts.EventExport {
			made, wrong, err := l.w.downloaded(ctx, s, c)
			if err != nil || wrong != "" {
				return fmt.Errorf("calm %s: %s %w", s.name, wrong, err)
			}
			s.calm.archive = &made
		}
	}
	return nil
}

// standing is how far everything is: its text changes as long as something goes on.
type standing struct {
	running, unsent int
	deliveries      []delivery
	// behind is how many messages the projection has not seen.
	behind uint64
}

func (s standing) settled() bool {
	return s.running == 0 && s.unsent == 0 && s.behind == 0 &&
		!slices.ContainsFunc(s.deliveries, func(d delivery) bool { return d.pending > 0 || d.unacked > 0 })
}

func (s standing) String() string {
	return fmt.Sprintf("%d imports have not ended, %d mails are to be sent, %d messages are not projected; %v", s.running, s.unsent, s.behind, s.deliveries)
}

// settle waits until every import has ended, every message is handled and every
// mail is sent.
func (w *world) settle(ctx context.Context, shipments []*shipment) error {
	before := ""
	changed := time.Now()
	for time.Since(changed) < patience {
		now, err := w.standing(ctx, shipments)
		switch {
		case err != nil: // what was restarted last may not answer yet
		case now.settled():
			return nil
		case now.String() != before:
			before, changed = now.String(), time.Now()
		}
		if !pause(ctx, 500*time.Millisecond) {
			return ctx.Err()
		}
	}
	return fmt.Errorf("%w for %s: %s", errStuck, patience, before)
}

func (w *world) standing(ctx context.Context, shipments []*shipment) (standing, error) {
	var now standing
	imports, err := w.projected(ctx)
	if err != nil {
		return now, err
	}
	for _, s := range shipments {
		if !imports[s.id].State.Final() || imports[s.id].State == "" {
			now.running++
		}
	}
	if now.deliveries, err = w.deliveries(ctx); err != nil {
		return now, err
	}
	// Behind the messages: a mail is held until its import has ended, and let go before the ack.
	if err := w.db.NewRaw(`SELECT count(*) FROM notify.mails WHERE state = 'pending'`).Scan(ctx, &now.unsent); err != nil {
		return now, err
	}
	now.behind, err = w.behind(ctx)
	return now, err
}

// settle waits for the end of everything. An import may have used up its tries, if
// it was in every process that was killed: then it has failed for a reason that is
// no longer there, and a replay must bring it to its end. It returns how many did.
func (v *verdict) settle(ctx context.Context) (replayed int, err error) {
	for {
		if err := v.w.settle(ctx, v.shipments); errors.Is(err, errStuck) {
			v.find(Lost, "imports", "%v", err)
			return replayed, nil
		} else if err != nil {
			return replayed, err
		}
		courses, err := v.w.courses(ctx)
		if err != nil {
			return replayed, err
		}
		v.awaited(courses)
		before := replayed
		for _, s := range v.shipments {
			c := courses[s.id]
			if c == nil || c.state != contracts.Failure || c.code != "tries_exhausted" {
				continue
			}
			if c.attempt > mostAttempts {
				v.find(Lost, s.id, "%s fails also when nothing is harmed", s.name)
				continue
			}
			token, err := v.w.token(s.owner)
			if err != nil {
				return replayed, err
			}
			status, answer, err := v.w.to(ctx, contracts.IngestService, request{method: http.MethodPost, path: "/v1/imports/" + s.id + "/replay", token: token})
			if err != nil || status != http.StatusAccepted {
				v.find(Lost, s.id, "%s cannot be replayed: %d %s %v", s.name, status, answer, err)
				continue
			}
			replayed++
		}
		if replayed == before {
			return replayed, nil
		}
	}
}
