package stage_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/uptrace/bun"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/postgres/postgrestest"
	"github.com/usher-events/usher/pkg/stage"
	"github.com/usher-events/usher/pkg/stage/stagetest"
)

// note waits for the first word of the import that is for people, and returns it.
func (r running) note(t *testing.T) string {
	t.Helper()
	names := r.Broker.Names()
	var note string
	after := uint64(0)
	require.Eventually(t, func() bool {
		stored, err := r.Broker.Next(t.Context(), names.StatusStream(), names.Status(r.env.Kind, r.env.Import), after)
		if errors.Is(err, broker.ErrNotFound) {
			return false
		}
		require.NoError(t, err)
		_, payload, err := contracts.Decode(stored.Data)
		require.NoError(t, err)
		note, after = payload.(*contracts.Progress).Note, stored.Sequence
		return note != ""
	}, time.Minute, 10*time.Millisecond)
	return note
}

func TestATryThatLostTheDatabaseTellsSoAndWhenTheNextOneIs(t *testing.T) {
	t.Parallel()
	var tries atomic.Int32
	r := run(t, func(ctx context.Context, run *stage.Run) error {
		if tries.Add(1) > 1 {
			return nil
		}
		_, err := run.DB.ExecContext(ctx, "SELECT pg_terminate_backend(pg_backend_pid())")
		return err
	})
	r.send(t)
	require.Regexp(t, `^database unavailable, try 1 of 8, next in [12]s$`, r.note(t))
	require.IsType(t, &contracts.PeopleImported{}, r.awaitOutcome(t))
	require.EqualValues(t, 2, tries.Load())
}

func TestOnlyWhatDoesNotAnswerIsBlamed(t *testing.T) {
	t.Parallel()
	w := stagetest.NewWorld(t, stage.Migrations(contracts.People))
	w.DB.SetMaxOpenConns(1)
	var tries atomic.Int32
	var frozen bun.Conn
	r := runIn(t, w, func(ctx context.Context, run *stage.Run) (err error) {
		if tries.Add(1) > 1 {
			return nil
		}
		frozen, err = run.DB.Conn(context.WithoutCancel(ctx)) // nobody else gets an answer now
		return errors.Join(err, errors.New("the database does not answer"))
	})
	r.send(t)
	require.Equal(t, "database unavailable, it goes on when that is back", r.note(t))
	require.NoError(t, frozen.Close())
	require.IsType(t, &contracts.PeopleImported{}, r.awaitOutcome(t))
}

// probes counts how often a database was asked whether it takes writes.
type probes struct{ atomic.Int32 }

func (*probes) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }

func (p *probes) AfterQuery(_ context.Context, e *bun.QueryEvent) {
	if strings.Contains(e.Query, "transaction_read_only") {
		p.Add(1)
	}
}

func TestDatabaseThatTakesNoWritesBurnsNoTry(t *testing.T) {
	t.Parallel()
	w := stagetest.NewWorld(t, stage.Migrations(contracts.People))
	w.MaxTries = 1           // so that a try which counts is the last
	w.DB.SetMaxIdleConns(-1) // a connection has its setting from its beginning
	operator, err := postgrestest.New(t).Conn(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, operator.Close()) }()
	readOnly := func(value string) {
		_, err := operator.ExecContext(t.Context(), "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = "+value+"', current_database()); END $$")
		require.NoError(t, err)
	}
	var probes probes
	w.DB = w.DB.WithQueryHook(&probes)
	readOnly("on")
	r := runIn(t, w, nil)
	r.send(t)
	require.Equal(t, "database unavailable, it goes on when that is back", r.note(t))
	require.Eventually(t, func() bool { return probes.Load() >= 5 }, time.Minute, 10*time.Millisecond, "it is asked until it takes writes")
	readOnly("off")
	require.IsType(t, &contracts.PeopleImported{}, r.awaitOutcome(t))
}
