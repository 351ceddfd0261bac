package stage

import (
	"context"

	"go.opentelemetry.io/otel/codes"

	"github.com/usher-events/usher/contracts"
)

// isCommand tells what stands on control subjects.
func isCommand(payload contracts.Payload) bool {
	switch payload.(type) {
	case *contracts.ImportFinished, *contracts.ReplayRequested, *contracts.EventEdited:
		return true
	}
	_, taken := contracts.TakenBack(payload)
	return taken
}

// starts tells whether a message begins a run of this stage. Of the commands
// only the replay does that names it.
func (r *Runner) starts(payload contracts.Payload) bool {
	if replay, ok := payload.(*contracts.ReplayRequested); ok {
		return replay.From == r.stage.Name
	}
	_, ok := contracts.CarriedBy(payload)
	return ok
}

// command does what a message of a control subject asks of this stage beside a
// run. The end of an attempt asks nothing, nor does what people have changed: they
// are for those who show them; and a replay is for the stage that it names.
func (r *Runner) command(ctx context.Context, env contracts.Envelope, payload contracts.Payload, try int) error {
	state, taken := contracts.TakenBack(payload)
	if !taken {
		return nil
	}
	ctx, span := r.begin(ctx, "clear", &env, try)
	defer span.End()
	log := r.res.Log.With("import", env.Import, "stage", r.stage.Name, "state", state)
	err := r.Clear(ctx, env.Import, state)
	if err == nil {
		err = r.tellCleared(ctx, env)
	}
	if err != nil {
		span.SetStatus(codes.Error, "")
		log.WarnContext(ctx, "import is not cleared yet, the command comes again", "error", err)
		return err
	}
	log.InfoContext(ctx, "import cleared")
	return nil
}
