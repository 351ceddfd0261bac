package stage

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/usher-events/usher/contracts"
	"github.com/usher-events/usher/pkg/broker"
	"github.com/usher-events/usher/pkg/postgres"
)

// Runner runs one stage. It is safe for concurrent use.
type Runner struct {
	stage Stage
	res   Resources
}

// NewRunner returns the runner of a stage.
func NewRunner(s Stage, res Resources) *Runner {
	res.MaxTries = cmp.Or(res.MaxTries, DefaultMaxTries)
	res.Tracer = cmp.Or(res.Tracer, noTracer)
	return &Runner{stage: s, res: res}
}

// Attach adds the stage to a router; workers is how many messages of it this
// process handles at once.
func (r *Runner) Attach(router *message.Router, workers int) {
	consumer := r.res.Broker.Names().Consumer(r.stage.Kind, r.stage.Name)
	subscriber := r.res.Broker.Subscriber(broker.SubscriberConfig{
		Workers:  workers,
		MaxTries: r.res.MaxTries,
		Healthy:  r.healthy,
		GiveUp:   r.GiveUp,
	})
	router.AddConsumerHandler(consumer, consumer, subscriber, r.Handle)
}

// Handle runs the stage for one message: nil acks it, an error has it tried again.
func (r *Runner) Handle(msg *message.Message) error {
	ctx := msg.Context()
	r.res.reach(BeforeRead)
	env, payload, err := r.read(msg)
	r.res.reach(AfterRead)
	if err != nil {
		// Nobody can read it, however often it comes: once it is buried with
		// its reason it may be acked. If it cannot be buried it comes again.
		r.res.Log.ErrorContext(ctx, "message cannot be read", "stage", r.stage.Name, "error", err)
		return r.res.Broker.Bury(ctx, r.consumer(), msg, err.Error())
	}
	if !r.starts(payload) {
		// Done, or not for this stage: the command may be acked. It stays in the
		// stream, where it is what everybody who comes later goes by.
		return r.command(ctx, env, payload, broker.DeliveryOf(msg).Try)
	}
	try := broker.DeliveryOf(msg).Try
	ctx, span := r.begin(ctx, "stage", &env, try)
	defer span.End()
	run := newRun(ctx, r.stage, r.res, env, payload, try)
	out, err := r.workWatched(ctx, run)
	permanent, isPermanent := errors.AsType[*PermanentError](err)
	switch {
	case isPermanent:
		out, err = r.fail(ctx, run, permanent)
	case err != nil && !errors.Is(err, errFenced) && run.try >= r.res.MaxTries && r.healthy(ctx) == nil:
		permanent = &PermanentError{
			Code:   CodeTriesExhausted,
			Reason: fmt.Sprintf("The %s stage did not succeed in %d tries: %v", r.stage.Name, run.try, err),
		}
		out, err = r.fail(ctx, run, permanent)
	}
	var told contracts.Payload
	if err == nil {
		told, err = r.conclude(ctx, run, out)
	}
	if err != nil {
		r.tidy(ctx, run)
	}
	if errors.Is(err, errFenced) {
		// A newer attempt, a cancel or a discard owns the import now: nothing
		// that this message asks for is wanted, so it may be acked.
		run.Log.InfoContext(ctx, "overtaken", "reason", err)
		r.res.Metrics.tried(run, overtaken)
		run.cameTo(overtaken, nil)
		return nil
	}
	if err != nil {
		run.cameTo(triedAgain, nil)
		r.tryAgain(ctx, msg, run, err)
		return err
	}
	r.ended(run, out, told)
	// The rows are committed, the remaps kept and the outcome is durable in
	// the stream: the message has nothing left to tell, so it may be acked.
	run.Log.InfoContext(ctx, "stage ended", "outcome", out.Outcome, "counts", run.counts, "took", time.Since(run.began))
	r.res.reach(BeforeAck)
	return nil
}

// GiveUp fails a message whose tries are used up, without running it: it may be
// what killed the processes before. Its run may have been committed all the
// same; then that outcome is published.
func (r *Runner) GiveUp(ctx context.Context, msg *message.Message) error {
	env, payload, err := r.read(msg)
	if err != nil {
		return r.res.Broker.Bury(ctx, r.consumer(), msg, err.Error())
	}
	if !r.starts(payload) {
		return r.command(ctx, env, payload, broker.DeliveryOf(msg).Try) // a command is never given up
	}
	try := broker.DeliveryOf(msg).Try
	ctx, span := r.begin(ctx, "give up", &env, try)
	defer span.End()
	run := newRun(ctx, r.stage, r.res, env, payload, try)
	out, err := r.fail(ctx, run, &PermanentError{
		Code:   CodeTriesExhausted,
		Reason: fmt.Sprintf("The %s stage was given up after %d tries; its process ended in each of them.", r.stage.Name, run.try-1),
	})
	var told contracts.Payload
	if err == nil {
		told, err = r.conclude(ctx, run, out)
	}
	if errors.Is(err, errFenced) {
		r.tidy(ctx, run)
		run.cameTo(overtaken, nil)
		return nil
	}
	if err != nil {
		run.cameTo(triedAgain, nil)
		return err
	}
	r.ended(run, out, told)
	return nil
}

// ended takes note of the outcome of a run.
func (r *Runner) ended(run *Run, out outcome, told contracts.Payload) {
	r.res.Metrics.ended(run, out, told)
	run.cameTo(string(out.Outcome), told)
}

// conclude publishes the outcome, whose payload it returns, and lets the stage put away
// what was needed until then. It may be repeated.
func (r *Runner) conclude(ctx context.Context, run *Run, out outcome) (contracts.Payload, error) {
	payload, err := run.publish(ctx, out)
	if err != nil {
		return nil, err
	}
	r.res.reach(AfterOutcome)
	// The import may have been taken back behind the commit, and what there was then
	// is removed: the remaps that were written since are nobody's.
	r.tidy(ctx, run)
	if r.stage.After == nil {
		return payload, nil
	}
	return payload, part(ctx, "after", func(ctx context.Context) error { return r.stage.After(ctx, run, payload) })
}

func (r *Runner) consumer() string {
	return r.res.Broker.Names().Consumer(r.stage.Kind, r.stage.Name)
}

// read decodes a message and refuses what no stage can begin with.
func (r *Runner) read(msg *message.Message) (contracts.Envelope, contracts.Payload, error) {
	env, payload, err := contracts.Decode(msg.Payload)
	if err != nil {
		return env, nil, err
	}
	if !r.starts(payload) && !isCommand(payload) || env.Kind != r.stage.Kind {
		return env, nil, fmt.Errorf("%s of kind %s is not for stage %s of kind %s", env.Type, env.Kind, r.stage.Name, r.stage.Kind)
	}
	return env, payload, nil
}

// workWatched works until that is done or until a command has overtaken it.
func (r *Runner) workWatched(ctx context.Context, run *Run) (outcome, error) {
	// A redelivery after the commit has nothing to do but to publish, and what follows
	// that. No command makes it vain: the end that a replay came behind may be its own.
	if out, err := run.standing(ctx, run.DB); !errors.Is(err, sql.ErrNoRows) {
		return out, err
	}
	ctx, end := run.watch(ctx)
	defer end()
	out, err := r.work(ctx, run)
	if cause := context.Cause(ctx); err != nil && errors.Is(cause, errFenced) {
		err = cause
	}
	return out, err
}

// work does what the stage is for and returns the outcome that is committed.
// A panic is an error like any other: it is logged with its stack and tried again.
func (r *Runner) work(ctx context.Context, run *Run) (out outcome, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = Panicked(p)
		}
	}()
	run.tell(contracts.Progress{})
	if r.stage.Before != nil {
		err := part(ctx, "before", func(ctx context.Context) error { return r.stage.Before(ctx, run) })
		if errors.Is(err, errStands) {
			return run.standing(ctx, run.DB)
		} else if err != nil {
			return outcome{}, err
		}
	}
	if err := errors.Join(run.Invalid(), run.loadRemaps(ctx)); err != nil {
		return outcome{}, err
	}
	effects := r.stage.Effects != nil
	out, err = run.commit(ctx, func(ctx context.Context, tx *postgres.Tx) (contracts.Payload, error) {
		if r.stage.Prepare != nil {
			if err := r.stage.Prepare(ctx, tx.Tx, run); err != nil {
				return nil, err
			}
		}
		if err := run.makeEntities(ctx, tx); err != nil {
			return nil, err
		}
		if effects = effects && (len(r.stage.Entities) == 0 || run.madeSome()); effects {
			return nil, nil
		}
		return r.end(ctx, tx, run)
	})
	if err == nil && effects {
		out, err = r.effects(ctx, run)
	}
	if errors.Is(err, errStands) {
		err = nil
	}
	return out, err
}

// effects runs between the two transactions of a stage that has them. Dying in
// it leaves rows without stage_run: a redelivery makes the same rows and has
// the same effects again.
func (r *Runner) effects(ctx context.Context, run *Run) (outcome, error) {
	run.reach(BeforeEffects)
	var record Record
	err := part(ctx, "effects", func(ctx context.Context) (err error) {
		record, err = r.stage.Effects(ctx, run)
		return err
	})
	if err != nil {
		return outcome{}, err
	}
	run.reach(AfterEffects)
	if err := run.Invalid(); err != nil { // where what was met on the way is an error in the mode of the import
		return outcome{}, err
	}
	return run.commit(ctx, func(ctx context.Context, tx *postgres.Tx) (contracts.Payload, error) {
		if err := record(ctx, tx.Tx); err != nil {
			return nil, err
		}
		return r.end(ctx, tx, run)
	})
}

func (r *Runner) end(ctx context.Context, tx *postgres.Tx, run *Run) (contracts.Payload, error) {
	if r.stage.Finish != nil {
		return r.stage.Finish(ctx, tx.Tx, run)
	}
	return run.Completion(), nil
}

// fail commits the failure as the outcome of the stage, unless one stands.
func (r *Runner) fail(ctx context.Context, run *Run, cause *PermanentError) (outcome, error) {
	out, err := run.commit(ctx, func(ctx context.Context, tx *postgres.Tx) (contracts.Payload, error) {
		if r.stage.Failed != nil {
			if err := r.stage.Failed(ctx, tx.Tx, run); err != nil {
				return nil, err
			}
		}
		return run.failure(cause, run.try), nil
	})
	if errors.Is(err, errStands) {
		return out, nil
	}
	if err == nil {
		run.Log.ErrorContext(ctx, "stage failed", "code", cause.Code, "reason", cause.Reason)
	}
	return out, err
}

// Panicked is the error of a panic with that value, in a goroutine that a stage has begun.
// It is called where the panic is recovered: the log gets the stack, and nothing else does.
func Panicked(value any) error { return &panicError{value: value, stack: debug.Stack()} }

type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }
